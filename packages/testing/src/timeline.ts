import { formatDuration } from '@holdfast/kernel';
import { type EventRecord, isSelected, type RecordSelector } from './event-records.ts';
import type { HandlerCall, HandlerSpy } from './handler-spy.ts';
import { errorText } from './handler-spy.ts';
import { type FailedMessage, type QueueMessage, recordsOfMessage } from './queues.ts';

/** Longest text of a record in a line. */
const TEXT_MAX = 60;
/** Most records, and most lines of one, that are of use in a failed test. */
const RECORDS_MAX = 20;
const LINES_MAX = 60;

/** What a timeline is drawn from. */
export interface TimelineSources {
  readonly spies: readonly HandlerSpy[];
  readonly failures: readonly FailedMessage[];
  /** What lies in queues and was not given up. */
  readonly waiting: readonly { readonly queue: string; readonly message: QueueMessage }[];
  readonly now: Date;
}

interface Line {
  readonly at: number;
  readonly where: string;
  readonly what: string;
}

/** One record and all that happened to it. */
interface Story {
  readonly record: EventRecord;
  readonly lines: Line[];
}

const shorten = (text: string): string => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text);

const outcomeText = (call: HandlerCall, record: EventRecord): string => {
  const outcome = call.outcomeOf(record);
  if (outcome === 'running') return 'has not returned yet';
  if (outcome === 'processed') return 'processed';
  if (call.error === undefined) return 'failed, reported in batchItemFailures';
  const others = call.records.length - 1;
  const batch = others === 0 ? '' : `, and with it ${others} more of its batch`;
  return `failed${batch}: ${errorText(call.error)}${call.isInjected ? ' (the test wants it to)' : ''}`;
};

const storiesOf = (sources: TimelineSources, selector: RecordSelector | undefined): readonly Story[] => {
  const stories = new Map<string, Story>();
  const tell = (record: EventRecord, line: Line): void => {
    if (selector !== undefined && !isSelected(selector, record)) return;
    const story = stories.get(record.id) ?? { record, lines: [] };
    stories.set(record.id, story);
    story.lines.push(line);
  };
  for (const spy of sources.spies) {
    const attempts = new Map<string, number>();
    for (const call of spy.calls) {
      for (const record of call.records) {
        const attempt = (attempts.get(record.id) ?? 0) + 1;
        attempts.set(record.id, attempt);
        tell(record, {
          at: call.at.getTime(),
          where: spy.name,
          what: `attempt ${attempt} ${outcomeText(call, record)}`,
        });
      }
    }
  }
  for (const { queue, reason, receiveCount, error, arrivedAt, records } of sources.failures) {
    const known = records.filter(({ id }) => stories.has(id));
    const receives = reason === 'MaxReceiveCount' ? ` after ${receiveCount} receives` : '';
    const what = `put aside: ${reason}${receives}${error === '' ? '' : `, ${error}`}`;
    for (const record of known.length === 0 ? records : known) {
      tell(record, { at: Date.parse(arrivedAt), where: `queue ${queue}`, what });
    }
  }
  for (const { queue, message } of sources.waiting) {
    const until = message.visibleAt === undefined ? '' : ` until ${message.visibleAt}`;
    const [record] = recordsOfMessage(message);
    if (record === undefined) continue;
    tell(record, { at: sources.now.getTime(), where: `queue ${queue}`, what: `lies here, ${message.state}${until}` });
  }
  return [...stories.values()];
};

const draw = ({ record, lines }: Story): string => {
  const inTime = [...lines].sort((one, other) => one.at - other.at);
  const firstAt = inTime[0]?.at ?? 0;
  const rows = inTime.map(({ at, where, what }) => ({
    time: new Date(at).toISOString().replace('T', ' ').replace('Z', ''),
    after:
      at === firstAt
        ? ''
        : `+${formatDuration(at - firstAt)
            .replace(/^PT?/, '')
            .toLowerCase()}`,
    where,
    what,
  }));
  const widthOf = (column: 'after' | 'where'): number => Math.max(...rows.map((row) => row[column].length));
  const [after, where] = [widthOf('after'), widthOf('where')];
  const shown = rows.length > LINES_MAX ? rows.slice(-LINES_MAX) : rows;
  const left = rows.length - shown.length;
  return [
    `"${shorten(record.text)}" (${record.id})`,
    ...(left > 0 ? [`  … ${left} lines before`] : []),
    ...shown.map((row) => `  ${row.time}  ${row.after.padEnd(after)}  ${row.where.padEnd(where)}  ${row.what}`),
  ].join('\n');
};

/** For tests that look before anything could happen, or bind to a name that no function has. */
const hint = ({ spies, now }: TimelineSources): string => {
  const bound = spies.map(
    ({ name, calls }) => `${name} (${calls.length === 0 ? 'never called' : `called ${calls.length} times`})`,
  );
  return `bound: ${bound.join(', ') || 'nothing'}; time is ${now.toISOString()}, and moves with advance(), until() and untilQuiet() only`;
};

/** What became of the records that are meant (of all without a selector), each in the order of time. */
export const timelineOf = (sources: TimelineSources, selector?: RecordSelector): string => {
  const stories = storiesOf(sources, selector);
  if (stories.length === 0) {
    const what = selector === undefined ? 'anything' : 'anything of it';
    return `no bound handler was given ${what}, and no queue holds ${what}\n${hint(sources)}`;
  }
  const left = stories.length - RECORDS_MAX;
  const shown = left > 0 ? stories.slice(-RECORDS_MAX) : stories;
  const isTried = sources.spies.some(({ calls }) => calls.length > 0);
  return [
    ...(left > 0 ? [`… ${left} records before`] : []),
    ...shown.map(draw),
    ...(isTried ? [] : [`no bound handler was called; ${hint(sources)}`]),
  ].join('\n\n');
};
