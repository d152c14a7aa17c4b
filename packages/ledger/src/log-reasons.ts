import { CloudWatchLogsClient, FilterLogEventsCommand, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import type { Target } from './target.ts';

const nameOf = (arn: string): string => arn.split(/[:/]/)[6] ?? arn;

const ERROR_LINE = /error|exception|timed out/i;

/** What {@link ERROR_LINE} takes, as far as a pattern of CloudWatch Logs can say it: they know capitals from small letters. */
const ERROR_PATTERN = '?error ?Error ?ERROR ?exception ?Exception ?EXCEPTION ?"timed out"';

const MESSAGE_ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Of 10,000 lines or a megabyte each. */
const PAGES_MAX = 50;

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

  /**
   * The same for all messages of a queue at once, by their ids: error lines since the oldest of them was sent are read once,
   * and each is of the messages that it names. Answers what to say of a message that none names, too.
   *
   * @param sinceMs - epoch milliseconds
   */
  async since(sourceArn: string, sinceMs: number): Promise<(messageId: string) => string> {
    const readers = await this.readersOf(sourceArn);
    const found = new Map<string, string>();
    for (const reader of readers.toReversed()) await this.#errorsOf(reader, sinceMs, found);
    const otherwise = readers.length === 0 ? '' : `see holdfast logs ${readers[0]}`;
    return (messageId) => found.get(messageId) ?? otherwise;
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

  async #errorsOf(functionName: string, startTime: number, found: Map<string, string>): Promise<void> {
    const asked = { logGroupName: `/aws/lambda/${functionName}`, filterPattern: ERROR_PATTERN, startTime };
    try {
      let pages = 0;
      for await (const { events = [] } of paginateFilterLogEvents({ client: this.#logs }, asked)) {
        for (const { message = '' } of events) {
          if (!ERROR_LINE.test(message)) continue;
          const text = textOf(message);
          for (const [id] of message.matchAll(MESSAGE_ID)) found.set(id, text);
        }
        pages += 1;
        if (pages >= PAGES_MAX) return;
      }
    } catch {
      // Who may not read a log, or has none, is told where to look.
    }
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
