import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { Target } from './target.ts';

const nameOf = (arn: string): string => arn.split(/[:/]/)[6] ?? arn;

const ERROR_LINE = /error|exception|timed out/i;

/** A line without what the runtime puts in front of it: time, request id and level. */
const textOf = (line: string): string =>
  line
    .trim()
    .replace(/^\S+Z\t[0-9a-f-]{36}\t[A-Z]+\t/, '')
    .replaceAll(/\s+/g, ' ');

/**
 * Finds why messages were received until their queue gave them up. SQS does not say; the log of the function that reads
 * the queue does, where a line names the message. Else at least where to look is told.
 */
export class LogReasons {
  readonly #lambda: LambdaClient;
  readonly #logs: CloudWatchLogsClient;
  /** Names of the functions that read a queue, by its ARN. */
  readonly #readers = new Map<string, Promise<readonly string[]>>();

  constructor(target: Target) {
    this.#lambda = new LambdaClient(target);
    this.#logs = new CloudWatchLogsClient(target);
  }

  async of(messageId: string, sourceArn: string): Promise<string> {
    const readers = await this.readersOf(sourceArn);
    for (const reader of readers) {
      const line = await this.#errorOf(reader, messageId);
      if (line !== undefined) return line;
    }
    return readers.length === 0 ? '' : `see holdfast logs ${readers[0]}`;
  }

  /** Names of the functions that read a queue; none for who may not ask. */
  readersOf(queueArn: string): Promise<readonly string[]> {
    const known = this.#readers.get(queueArn);
    if (known !== undefined) return known;
    const asked = this.#lambda
      .send(new ListEventSourceMappingsCommand({ EventSourceArn: queueArn }))
      .then(({ EventSourceMappings = [] }) => EventSourceMappings.map(({ FunctionArn = '' }) => nameOf(FunctionArn)))
      .catch(() => []);
    this.#readers.set(queueArn, asked);
    return asked;
  }

  async #errorOf(functionName: string, messageId: string): Promise<string | undefined> {
    try {
      const { events = [] } = await this.#logs.send(
        new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}`, filterPattern: `"${messageId}"` }),
      );
      return events.map(({ message = '' }) => textOf(message)).findLast((line) => ERROR_LINE.test(line));
    } catch {
      return undefined;
    }
  }
}
