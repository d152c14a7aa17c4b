import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { formatDuration } from '@holdfast/kernel';
import { nowAt } from './control.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { meantName } from './failure-queues/similar-names.ts';
import { note, print } from './output.ts';
import type { Target } from './target.ts';

/** Pause between two looks for new events while following. */
const FOLLOW_PAUSE_MS = 500;

const FUNCTION_LOGS = '/aws/lambda/';

/** A function's name, its ARN or its log group: all lead to the log group. */
const logGroupOf = (name: string): string => {
  if (name.startsWith('/')) return name;
  const functionName = name.startsWith('arn:') ? (name.split(':')[6] ?? name) : name;
  return `${FUNCTION_LOGS}${functionName}`;
};

/** The one log group that a part of a name can mean. */
const findLogGroup = async (client: CloudWatchLogsClient, name: string): Promise<string> => {
  const part = logGroupOf(name).slice(FUNCTION_LOGS.length);
  const groups: string[] = [];
  for await (const page of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: FUNCTION_LOGS })) {
    groups.push(...(page.logGroups ?? []).flatMap(({ logGroupName }) => logGroupName ?? []));
  }
  if (groups.length === 0) throw new CommandError(`no log of "${part}": no function has run yet`, EXIT.notFound);
  try {
    const names = groups.map((group) => group.slice(FUNCTION_LOGS.length));
    return `${FUNCTION_LOGS}${meantName('log of', part, names)}`;
  } catch (error) {
    const { message } = error as Error;
    throw new CommandError(`${message} (a function that has not run yet has none)`, EXIT.notFound);
  }
};

/**
 * In a filter pattern a term of anything but letters, digits and underscores must stand in double quotes; ids have
 * hyphens, so a single term is quoted for who typed it.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const filterPatternOf = (text: string | undefined): string | undefined =>
  text === undefined || /^[\s"'%{[?-]/.test(text) || /[\s"]/.test(text) || /^\w*$/.test(text) ? text : `"${text}"`;

const show = (event: FilteredLogEvent, asJson: boolean): void => {
  if (asJson)
    print(JSON.stringify({ timestamp: event.timestamp, stream: event.logStreamName, message: event.message }));
  else print(`${new Date(event.timestamp ?? 0).toISOString()} ${(event.message ?? '').trimEnd()}`);
};

export interface LogsOptions {
  readonly isFollowing: boolean;
  /** How long ago to begin, in the time of whom the command talks to: an engine's may be another than the machine's. */
  readonly sinceMs: number;
  readonly filterPattern: string | undefined;
  readonly asJson: boolean;
}

/** All events from a time on, once each: the newest may share their time with ones that were shown already. */
class LogReader {
  readonly #client: CloudWatchLogsClient;
  readonly #filterPattern: string | undefined;
  #startTime: number;
  #shown = new Set<string>();

  constructor(client: CloudWatchLogsClient, startTime: number, filterPattern: string | undefined) {
    this.#client = client;
    this.#startTime = startTime;
    this.#filterPattern = filterPattern;
  }

  async read(logGroupName: string, take: (event: FilteredLogEvent) => void): Promise<void> {
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new FilterLogEventsCommand({
          logGroupName,
          startTime: this.#startTime,
          nextToken,
          filterPattern: this.#filterPattern,
        }),
      );
      for (const event of page.events ?? []) {
        const { eventId = '', timestamp = 0 } = event;
        if (this.#shown.has(eventId)) continue;
        if (timestamp > this.#startTime) {
          this.#startTime = timestamp;
          this.#shown = new Set();
        }
        this.#shown.add(eventId);
        take(event);
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
}

/** Shows what a function wrote, and while following what it goes on to write. */
export const showLogs = async (target: Target, name: string, options: LogsOptions): Promise<void> => {
  const client = new CloudWatchLogsClient(target);
  const filterPattern = filterPatternOf(options.filterPattern);
  const reader = new LogReader(client, (await nowAt(target)) - options.sinceMs, filterPattern);
  let isEmpty = true;
  const take = (event: FilteredLogEvent): void => {
    isEmpty = false;
    show(event, options.asJson);
  };
  let logGroup = logGroupOf(name);
  try {
    await reader.read(logGroup, take);
  } catch (error) {
    const { name: type, message } = error as Error;
    if (type === 'InvalidParameterException' && filterPattern !== undefined) {
      throw new CommandError(
        `--filter: ${message}; a term with more than letters, digits and underscores stands in double quotes: --filter '"order-4711" "failed"'`,
        EXIT.usage,
      );
    }
    if (type !== 'ResourceNotFoundException') throw error;
    logGroup = await findLogGroup(client, name);
    await reader.read(logGroup, take);
  }
  if (isEmpty && !options.isFollowing) {
    note(`nothing since ${formatDuration(options.sinceMs)} ago; --since 1d looks further back`);
  }
  while (options.isFollowing) {
    await sleep(FOLLOW_PAUSE_MS);
    await reader.read(logGroup, take);
  }
};
