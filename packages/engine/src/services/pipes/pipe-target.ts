import { parseArn } from '@holdfast/aws-model';
import { utf8Bytes } from '@holdfast/kernel';
import type { DeliveryResult, Json, ServiceEnvironment } from '../../core/index.ts';
import { logGroupOf, ServiceError } from '../../core/index.ts';
import { fillParameter } from './input-template.ts';
import { performFor, type StepEnd } from './pipe-call.ts';
import { pipeArnOf, type StoredPipe } from './stored-pipe.ts';
import { callAndWait } from './synchronous-call.ts';

/** An event on its way to the target. */
export interface PipeEvent {
  /** What dynamic parameters look into: the event as it came, or as the enrichment returned it. */
  readonly event: Json;
  /** What the target gets. */
  readonly input: Json;
  /** Of the record it came from; `undefined` when the enrichment has changed their number. */
  readonly recordId: string | undefined;
}

export const asText = (input: Json): string => (typeof input === 'string' ? input : JSON.stringify(input));

const asTime = (text: string | undefined): number => {
  const number = Number(text);
  const at = text === undefined ? Number.NaN : Number.isNaN(number) ? Date.parse(text) : number;
  return Number.isFinite(at) ? at : Number.NaN;
};

/** Hands batches to the target of a pipe: whole to functions and workflows, one by one to everything else. */
export class PipeTarget {
  readonly #environment: ServiceEnvironment;
  readonly #pipe: StoredPipe;

  constructor(environment: ServiceEnvironment, pipe: StoredPipe) {
    this.#environment = environment;
    this.#pipe = pipe;
  }

  /** `end.ok` gets a response as of a function that reports the failures of its batch. */
  deliver(events: readonly PipeEvent[], end: StepEnd<string>): void {
    const service = parseArn(this.#pipe.target)?.service;
    const payload = JSON.stringify(events.map(({ input }) => input));
    if (service === 'lambda') this.#toFunction(payload, end);
    else if (service === 'states') this.#toWorkflow(payload, end);
    else this.#oneByOne(events, end);
  }

  #toFunction(payload: string, end: StepEnd<string>): void {
    const { target, targetParameters } = this.#pipe;
    if (targetParameters.LambdaFunctionParameters?.InvocationType !== 'FIRE_AND_FORGET') {
      callAndWait(this.#environment, this.#pipe, target, payload, end);
      return;
    }
    const input = { FunctionName: target, InvocationType: 'Event', Payload: utf8Bytes(payload) };
    performFor(this.#environment, this.#pipe, ['lambda', 'Invoke', input], { ...end, ok: () => end.ok('') });
  }

  #toWorkflow(payload: string, end: StepEnd<string>): void {
    const { target, targetParameters } = this.#pipe;
    if (targetParameters.StepFunctionStateMachineParameters?.InvocationType !== 'FIRE_AND_FORGET') {
      callAndWait(this.#environment, this.#pipe, target, payload, end);
      return;
    }
    const input = { stateMachineArn: target, input: payload };
    performFor(this.#environment, this.#pipe, ['states', 'StartExecution', input], { ...end, ok: () => end.ok('') });
  }

  #oneByOne(events: readonly PipeEvent[], end: StepEnd<string>): void {
    const failed: PipeEvent[] = [];
    let lastError: ServiceError | undefined;
    for (const event of events) {
      const result = this.#send(event);
      if (result.ok) continue;
      failed.push(event);
      lastError = result.error;
    }
    if (lastError === undefined) end.ok('');
    else if (failed.length === events.length || failed.some(({ recordId }) => recordId === undefined)) {
      end.failed(lastError);
    } else {
      end.ok(JSON.stringify({ batchItemFailures: failed.map(({ recordId }) => ({ itemIdentifier: recordId })) }));
    }
  }

  #send({ event, input }: PipeEvent): DeliveryResult {
    const { deliver } = this.#environment;
    const { target, roleArn, targetParameters: parameters } = this.#pipe;
    const sender = { roleArn };
    const body = asText(input);
    switch (parseArn(target)?.service) {
      case 'sqs': {
        const { MessageGroupId, MessageDeduplicationId } = parameters.SqsQueueParameters ?? {};
        const groupId = fillParameter(MessageGroupId, event);
        const deduplicationId = fillParameter(MessageDeduplicationId, event);
        return deliver.to('queue', target, { body, groupId, deduplicationId }, sender);
      }
      case 'sns':
        return deliver.to('topic', target, { message: body }, sender);
      case 'events':
        return this.#toBus(event, input);
      case 'kinesis':
        return this.#toStream(event, body);
      default:
        return this.#toLogs(event, body);
    }
  }

  #toBus(event: Json, input: Json): DeliveryResult {
    const { name, source, target, targetParameters } = this.#pipe;
    const { Source, DetailType, Resources, Time } = targetParameters.EventBridgeEventBusParameters ?? {};
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return { ok: false, error: new ServiceError('MalformedDetail', 'Detail is malformed.') };
    }
    const at = asTime(fillParameter(Time, event));
    return this.#answered('events', 'PutEvents', {
      Entries: [
        {
          EventBusName: target,
          Source: fillParameter(Source, event) ?? `Pipe ${name}`,
          DetailType: fillParameter(DetailType, event) ?? `Event from aws:${parseArn(source)?.service ?? ''}`,
          Detail: JSON.stringify(input),
          Resources: (Resources ?? []).map((resource) => fillParameter(resource, event) ?? resource),
          ...(Number.isNaN(at) ? {} : { Time: new Date(at) }),
        },
      ],
    });
  }

  #toStream(event: Json, body: string): DeliveryResult {
    const key = fillParameter(this.#pipe.targetParameters.KinesisStreamParameters?.PartitionKey, event);
    return this.#answered('kinesis', 'PutRecord', {
      StreamARN: this.#pipe.target,
      Data: utf8Bytes(body),
      PartitionKey: key,
    });
  }

  /** Actions that answer at once. */
  #answered(service: string, action: string, input: object): DeliveryResult {
    let result: DeliveryResult = { ok: true };
    performFor<{ Entries?: readonly { ErrorCode?: string; ErrorMessage?: string }[] }>(
      this.#environment,
      this.#pipe,
      [service, action, input],
      {
        ok: ({ Entries: [entry] = [] }) => {
          if (entry?.ErrorCode === undefined) return;
          result = { ok: false, error: new ServiceError(entry.ErrorCode, entry.ErrorMessage ?? entry.ErrorCode) };
        },
        failed: (error) => {
          result = { ok: false, error };
        },
      },
    );
    return result;
  }

  #toLogs(event: Json, message: string): DeliveryResult {
    const group = logGroupOf(this.#pipe.target);
    if (group === undefined) {
      return {
        ok: false,
        error: new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.'),
      };
    }
    const { LogStreamName, Timestamp } = this.#pipe.targetParameters.CloudWatchLogsParameters ?? {};
    const stream = fillParameter(LogStreamName, event) ?? pipeArnOf(this.#pipe).slice(-512).replace(/[:*]/g, '-');
    const at = asTime(fillParameter(Timestamp, event));
    const now = this.#environment.clock.now();
    this.#environment.logs.append({ ...group, stream }, [{ at: Number.isNaN(at) ? now : at, message }]);
    return { ok: true };
  }
}
