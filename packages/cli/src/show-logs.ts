import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, type FilteredLogEvent, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CommandError, EXIT } from './exit-code.ts';
import { print } from './output.ts';
import type { Target } from './target.ts';

/** Pause between two looks for new events while following. */
const FOLLOW_PAUSE_MS = 500;

/** A function's name, its ARN or its log group: all lead to the log group. */
const logGroupOf = (name: string): string => {
  if (name.startsWith('/')) return name;
  const functionName = name.startsWith('arn:') ? (name.split(':')[6] ?? name) : name;
  return `/aws/lambda/${functionName}`;
};

const show = (event: FilteredLogEvent, asJson: boolean): void => {
  if (asJson)
    print(JSON.stringify({ timestamp: event.timestamp, stream: event.logStreamName, message: event.message }));
  else print(`${new Date(event.timestamp ?? 0).toISOString()} ${(event.message ?? '').trimEnd()}`);
};

export interface LogsOptions {
  readonly isFollowing: boolean;
  readonly sinceMs: number;
  readonly filterPattern: string | undefined;
  readonly asJson: boolean;
}

/** Shows what a function wrote, and while following what it goes on to write. */
export const showLogs = async (
  target: Target,
  name: string,
  { isFollowing, sinceMs, filterPattern, asJson }: LogsOptions,
): Promise<void> => {
  const client = new CloudWatchLogsClient(target);
  const logGroupName = logGroupOf(name);
  // The newest events may share a timestamp with ones already shown: those are told apart by their id.
  let startTime = Date.now() - sinceMs;
  let shown = new Set<string>();
  try {
    do {
      let nextToken: string | undefined;
      do {
        const page = await client.send(
          new FilterLogEventsCommand({ logGroupName, startTime, nextToken, filterPattern }),
        );
        for (const event of page.events ?? []) {
          const { eventId = '', timestamp = 0 } = event;
          if (shown.has(eventId)) continue;
          if (timestamp > startTime) {
            startTime = timestamp;
            shown = new Set();
          }
          shown.add(eventId);
          show(event, asJson);
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      if (isFollowing) await sleep(FOLLOW_PAUSE_MS);
    } while (isFollowing);
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') {
      throw new CommandError(`no log group ${logGroupName}: the function is unknown or has not run yet`, EXIT.notFound);
    }
    throw error;
  }
};
