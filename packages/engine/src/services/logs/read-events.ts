import type {
  FilteredLogEvent,
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
  GetLogEventsCommandInput,
  GetLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { Constraints, notSupported, type RequestContext, type Result } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';
import { eventIdOf, type LogEvent, type LogStream, messageBytes, type Position } from './log-stream.ts';
import { checkName, checkStreamName } from './names.ts';

/** Events and bytes of one answer. */
const EVENTS_MAX = 10_000;
const ANSWER_BYTES_MAX = 1_048_576;

const positionOf = (digits: string): Position => ({
  at: Number(digits.slice(0, 20)),
  sequence: Number(digits.slice(20, 40)),
});

const isAfter = (event: LogEvent, position: Position): boolean =>
  event[0] > position.at || (event[0] === position.at && event[2] > position.sequence);
const isBefore = (event: LogEvent, position: Position): boolean =>
  event[0] < position.at || (event[0] === position.at && event[2] < position.sequence);

const TOKEN = /^([fb])\/(\d{56})\/s$/;

const checkLimit = (limit: number | undefined): number => {
  new Constraints().range('limit', limit, 1, EVENTS_MAX).check('InvalidParameterException');
  return limit ?? EVENTS_MAX;
};

/** Takes events until the answer is full. */
const takeUntilFull = (events: Iterable<LogEvent>, limit: number): LogEvent[] => {
  const taken: LogEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    bytes += messageBytes(event[3]);
    if (taken.length > 0 && bytes > ANSWER_BYTES_MAX) break;
    taken.push(event);
    if (taken.length >= limit) break;
  }
  return taken;
};

function* skipping(events: Iterable<LogEvent>, isWanted: (event: LogEvent) => boolean): Generator<LogEvent> {
  for (const event of events) if (isWanted(event)) yield event;
}

/**
 * GetLogEvents: without a token the newest page (or the oldest, `startFromHead`). Both tokens always come back; the
 * end is reached when a page returns the token that it was asked with.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export const getLogEvents = (
  groups: LogGroups,
  input: GetLogEventsCommandInput,
  context: RequestContext,
): Result<GetLogEventsCommandOutput> => {
  if (input.unmask === true) throw notSupported('GetLogEvents with unmask');
  const limit = checkLimit(input.limit);
  const streamName = checkStreamName(input.logStreamName);
  const group = groups.named(context, input.logGroupName, input.logGroupIdentifier);
  const stream = group.stream(streamName);
  const token = input.nextToken === undefined ? undefined : TOKEN.exec(input.nextToken);
  if (token === null) throw invalidParameter('The specified nextToken is invalid.');
  const from = Math.max(input.startTime ?? 0, group.cutoff(context.now));
  const to = (input.endTime ?? Number.POSITIVE_INFINITY) - 1;

  const position = token === undefined ? undefined : positionOf(token[2] as string);
  const isForward = token === undefined ? input.startFromHead === true : token[1] === 'f';
  let events: LogEvent[];
  if (isForward) {
    const start = position === undefined ? from : Math.max(from, position.at);
    const all = stream.forward(start, to);
    events = takeUntilFull(position === undefined ? all : skipping(all, (event) => isAfter(event, position)), limit);
  } else {
    const end = position === undefined ? to : Math.min(to, position.at);
    const all = stream.backward(from, end);
    events = takeUntilFull(position === undefined ? all : skipping(all, (event) => isBefore(event, position)), limit);
    events.reverse();
  }
  const first = events[0];
  const last = events.at(-1);
  const here = position ?? { at: Math.max(0, from), sequence: 0 };
  return {
    events: events.map(([timestamp, ingestionTime, , message]) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${eventIdOf(last === undefined ? here : { at: last[0], sequence: last[2] })}/s`,
    nextBackwardToken: `b/${eventIdOf(first === undefined ? here : { at: first[0], sequence: first[2] })}/s`,
  };
};

/**
 * FilterLogEvents: matching events of many streams, oldest first unless asked otherwise. `aws logs tail --follow`
 * lives on this.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export const filterLogEvents = (
  groups: LogGroups,
  input: FilterLogEventsCommandInput,
  context: RequestContext,
): Result<FilterLogEventsCommandOutput> => {
  if (input.unmask === true) throw notSupported('FilterLogEvents with unmask');
  const limit = checkLimit(input.limit);
  checkStreams(input);
  const pattern = compileFilterPattern(input.filterPattern ?? '');
  const group = groups.named(context, input.logGroupName, input.logGroupIdentifier);
  const token = input.nextToken === undefined ? undefined : TOKEN.exec(input.nextToken);
  if (token === null) throw invalidParameter('The specified nextToken is invalid.');
  const past = token === undefined ? undefined : positionOf(token[2] as string);
  const isForward = token === undefined ? input.startFromHead !== false : token[1] === 'f';
  const isBeyond = isForward ? isAfter : isBefore;
  const streams = streamsOf(group, input);

  let from = Math.max(input.startTime ?? 0, group.cutoff(context.now), isForward ? (past?.at ?? 0) : 0);
  let to = Math.min(
    input.endTime ?? Number.POSITIVE_INFINITY,
    isForward ? Number.POSITIVE_INFINITY : (past?.at ?? Number.POSITIVE_INFINITY),
  );
  let found: { readonly event: LogEvent; readonly stream: string }[] = [];
  const keepFirst = (): void => {
    found.sort((a, b) => (isForward ? 1 : -1) * (a.event[0] - b.event[0] || a.event[2] - b.event[2]));
    found = found.slice(0, limit + 1);
    const bound = found[limit]?.event[0];
    if (bound === undefined) return;
    // Nothing beyond the last one kept can be part of this page.
    if (isForward) to = Math.min(to, bound);
    else from = Math.max(from, bound);
  };
  for (const stream of streams) {
    let matching = 0;
    for (const event of isForward ? stream.forward(from, to) : stream.backward(from, to)) {
      if (past !== undefined && !isBeyond(event, past)) continue;
      if (!pattern.matches(event[3])) continue;
      found.push({ event, stream: stream.name });
      matching += 1;
      if (matching > limit) break;
    }
    if (found.length > limit) keepFirst();
  }
  keepFirst();

  const taken = takeUntilFull(
    found.map(({ event }) => event),
    limit,
  );
  const last = taken.at(-1);
  const direction = isForward ? 'f' : 'b';
  return {
    events: taken.map(
      ([timestamp, ingestionTime, sequence, message], index): FilteredLogEvent => ({
        logStreamName: (found[index] as { stream: string }).stream,
        timestamp,
        message,
        ingestionTime,
        eventId: eventIdOf({ at: timestamp, sequence }),
      }),
    ),
    searchedLogStreams: [],
    ...(taken.length < found.length && last !== undefined
      ? { nextToken: `${direction}/${eventIdOf({ at: last[0], sequence: last[2] })}/s` }
      : {}),
  };
};

const checkStreams = ({
  logStreamNames: names = [],
  logStreamNamePrefix: prefix,
}: FilterLogEventsCommandInput): void => {
  const constraints = new Constraints().length('logStreamNames', names, 0, 100);
  checkName('logStreamNamePrefix', prefix, constraints).check('InvalidParameterException');
  if (names.length > 0 && prefix !== undefined) {
    throw invalidParameter('logStreamNamePrefix and logStreamNames are mutually exclusive parameters.');
  }
  for (const name of names) checkStreamName(name);
};

const streamsOf = (group: LogGroup, input: FilterLogEventsCommandInput): readonly LogStream[] => {
  const { logStreamNames: names = [], logStreamNamePrefix: prefix } = input;
  if (names.length > 0) return [...new Set(names)].map((name) => group.stream(name));
  return [...group.streams.values()].filter(({ name }) => prefix === undefined || name.startsWith(prefix));
};
