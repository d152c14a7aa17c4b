import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, type FilteredLogEvent, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AWS_OPTIONS, type Command, readOptions } from '../command.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { print } from '../output.ts';
import { resolveTarget } from '../target.ts';

const USAGE = 'holdfast logs [-f] [--since 10m] [--filter PATTERN] FUNCTION';

/** Pause between two looks for new events while following. */
const FOLLOW_PAUSE_MS = 500;

const SINCE = /^(\d+)(s|m|h|d)$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const readSinceMs = (text: string): number => {
  const match = SINCE.exec(text);
  if (match === null) throw new CommandError(`--since: "${text}" must look like 30s, 10m, 2h or 1d`, EXIT.usage);
  return Number(match[1]) * (UNIT_MS[match[2] as string] as number);
};

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

/** Shows what a function wrote, and with `-f` what it goes on to write. */
export const logs: Command = {
  usage: USAGE,
  summary: "show a function's log, -f follows it",
  async run(words) {
    const { values, positionals } = readOptions(
      words,
      {
        ...AWS_OPTIONS,
        follow: { type: 'boolean', short: 'f' },
        since: { type: 'string', default: '10m' },
        filter: { type: 'string' },
      },
      USAGE,
    );
    const [name] = positionals;
    if (name === undefined || positionals.length > 1) throw new CommandError(`usage: ${USAGE}`, EXIT.usage);
    const client = new CloudWatchLogsClient(await resolveTarget(values));
    const logGroupName = logGroupOf(name);
    // The newest events may share a timestamp with ones already shown: those are told apart by their id.
    let startTime = Date.now() - readSinceMs(values.since);
    let shown = new Set<string>();
    try {
      do {
        let nextToken: string | undefined;
        do {
          const page = await client.send(
            new FilterLogEventsCommand({ logGroupName, startTime, nextToken, filterPattern: values.filter }),
          );
          for (const event of page.events ?? []) {
            const { eventId = '', timestamp = 0 } = event;
            if (shown.has(eventId)) continue;
            if (timestamp > startTime) {
              startTime = timestamp;
              shown = new Set();
            }
            shown.add(eventId);
            show(event, values.json === true);
          }
          nextToken = page.nextToken;
        } while (nextToken !== undefined);
        if (values.follow === true) await sleep(FOLLOW_PAUSE_MS);
      } while (values.follow === true);
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') {
        throw new CommandError(
          `no log group ${logGroupName}: the function is unknown or has not run yet`,
          EXIT.notFound,
        );
      }
      throw error;
    }
    return EXIT.ok;
  },
};
