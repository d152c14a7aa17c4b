import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Message } from '@aws-sdk/client-sqs';
import type { Filler } from '../fillers.ts';
import { queueReaders } from '../queue-readers.ts';
import type { Target } from '../target.ts';
import { objectOf, parseObject } from '../way-back.ts';
import { FailedReceives } from './failed-receives.ts';
import { FunctionErrors } from './function-errors.ts';
import type { Reason } from './reason.ts';

const nameOf = (arn: string): string => arn.split(/[:/]/)[6] ?? arn;

/** The id that a message had in its queue; what is archived is named after it. */
const idIn = (key: string): string => key.slice(key.lastIndexOf('/') + 1).replace(/\.json$/, '');

/** A failed batch of a stream, whose record says no more than that its function failed. */
const streamFailure = (body: string): { readonly functionName: string; readonly requestId: string } | undefined => {
  if (!body.includes('BatchInfo"')) return undefined;
  const { functionArn, requestId } = objectOf(parseObject(body)?.['requestContext']);
  if (typeof functionArn !== 'string' || typeof requestId !== 'string') return undefined;
  return { functionName: nameOf(functionArn), requestId };
};

/**
 * Finds why events failed whose dead letters do not say: a redrive policy of SQS writes no reason, the record of a stream's
 * batch none but that the function failed, and the dead-letter config of a function not whose it is. The logs of the functions
 * do, where a line names the message or the run; an engine remembers itself with which messages a run failed.
 */
export class Reasons {
  readonly #lambda: LambdaClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #endpoint: string | undefined;
  readonly #monotonicMs: () => number;
  /** Names of the functions that read a queue, by its ARN. */
  readonly #readers = new Map<string, Promise<readonly string[]>>();
  readonly #errors = new Map<string, FunctionErrors>();
  readonly #receives = new Map<string, FailedReceives>();

  /** @param isEngine - whether a Holdfast engine answers at the target's endpoint */
  constructor(target: Target, isEngine: boolean, monotonicMs: () => number = () => performance.now()) {
    this.#lambda = new LambdaClient(target);
    this.#logs = new CloudWatchLogsClient(target);
    this.#endpoint = isEngine ? target.endpoint : undefined;
    this.#monotonicMs = monotonicMs;
  }

  /** @param fillers - who puts failures into the queue that the message lies in */
  async of(message: Message, fillers: readonly Filler[]): Promise<Reason | undefined> {
    const { MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
    const sinceMs = Number(Attributes.SentTimestamp ?? 0) || 0;
    const sourceArn = Attributes.DeadLetterQueueSourceArn;
    if (sourceArn !== undefined) return this.#ofQueue(idIn(MessageId), sourceArn, sinceMs);
    const batch = streamFailure(Body);
    if (batch !== undefined) return this.#errorsOf(batch.functionName).of(batch.requestId, sinceMs);
    const requestId = MessageAttributes['RequestID']?.StringValue;
    const functions = fillers.flatMap(({ from }) => (from?.kind === 'function' ? nameOf(from.arn) : []));
    if (requestId === undefined || functions.length < 2) return undefined;
    for (const functionName of functions) {
      const found = await this.#errorsOf(functionName).of(requestId, sinceMs);
      if (found !== undefined) return { ...found, functionName };
    }
    return undefined;
  }

  /** Names of the functions that read a queue; none for who may not ask. */
  readersOf(queueArn: string): Promise<readonly string[]> {
    const known = this.#readers.get(queueArn);
    if (known !== undefined) return known;
    const asked = queueReaders(this.#lambda, queueArn)
      .then((arns) => arns.map(nameOf))
      .catch(() => []);
    this.#readers.set(queueArn, asked);
    return asked;
  }

  async #ofQueue(messageId: string, queueArn: string, sinceMs: number): Promise<Reason | undefined> {
    const failed = await this.#receivesOf(queueArn)?.of(messageId);
    if (failed !== undefined && failed.error !== '') return failed;
    const { requestIds = [] } = failed ?? {};
    const readers = await this.readersOf(queueArn);
    for (const id of [messageId, ...requestIds.toReversed()]) {
      for (const reader of readers) {
        const found = await this.#errorsOf(reader).of(id, sinceMs);
        if (found !== undefined) return { ...found, requestIds };
      }
    }
    return readers.length === 0 ? undefined : { error: `see holdfast logs ${readers[0]}`, requestIds };
  }

  #errorsOf(functionName: string): FunctionErrors {
    const known = this.#errors.get(functionName);
    if (known !== undefined) return known;
    const errors = new FunctionErrors(this.#logs, functionName, this.#monotonicMs);
    this.#errors.set(functionName, errors);
    return errors;
  }

  #receivesOf(queueArn: string): FailedReceives | undefined {
    const known = this.#receives.get(queueArn);
    if (known !== undefined || this.#endpoint === undefined) return known;
    const receives = new FailedReceives(this.#endpoint, queueArn, this.#monotonicMs);
    this.#receives.set(queueArn, receives);
    return receives;
  }
}
