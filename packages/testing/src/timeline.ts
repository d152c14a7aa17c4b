import { type EventRecord, isSelected, type RecordSelector } from './event-records.ts';
import type { HandlerCall, HandlerSpy } from './handler-spy.ts';

/** Longest text of a record in a line. */
const TEXT_MAX = 60;
/** Most lines that are of use in a failed test. */
const LINES_MAX = 200;

const shorten = (text: string): string => (text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text);

const errorText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const outcomeText = (call: HandlerCall, record: EventRecord): string => {
  const outcome = call.outcomeOf(record);
  if (outcome !== 'failed') return outcome;
  return call.error === undefined ? 'failed, reported in batchItemFailures' : `failed: ${errorText(call.error)}`;
};

/** Every attempt of the records that are meant (all without a selector), in the order of time. */
export const timelineOf = (spies: readonly HandlerSpy[], selector?: RecordSelector): string => {
  const attempts = new Map<string, number>();
  const lines = spies
    .flatMap((spy) => spy.calls.map((call) => ({ spy, call })))
    .sort((one, other) => one.call.at.getTime() - other.call.at.getTime())
    .flatMap(({ spy, call }) =>
      call.records
        .filter((record) => selector === undefined || isSelected(selector, record))
        .map((record) => {
          const key = `${spy.name} ${record.id}`;
          const attempt = (attempts.get(key) ?? 0) + 1;
          attempts.set(key, attempt);
          return `${call.at.toISOString()}  ${spy.name}  "${shorten(record.text)}", attempt ${attempt}: ${outcomeText(call, record)}`;
        }),
    );
  if (lines.length === 0) return 'no bound handler was given anything of it';
  const left = lines.length - LINES_MAX;
  return left > 0 ? [`… ${left} lines before`, ...lines.slice(-LINES_MAX)].join('\n') : lines.join('\n');
};
