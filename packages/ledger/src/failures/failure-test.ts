import { InvalidInputError } from '@holdfast/kernel';
import { stepsOf, valueAt } from '../selection.ts';
import type { Entry } from './entry.ts';
import type { FailureQuery } from './failure.ts';

/** Whether a failure is meant. */
export type Test = (entry: Entry) => boolean;

const timeOf = (field: string, text: string): number => {
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new InvalidInputError(field, text, 'must be a time in ISO 8601, such as 2026-11-29T05:00:00Z');
};

/** Any case; a pattern is searched without a copy of the text in small letters. */
const containing = (text: string): RegExp => new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');

const byText = (text: string): Test => {
  const pattern = containing(text);
  return ({ failure: { error, condition, about, id, body } }) =>
    pattern.test(error) || pattern.test(body) || pattern.test(about) || pattern.test(condition) || pattern.test(id);
};

const bySource = (text: string): Test => {
  const pattern = containing(text);
  return ({ failure: { source } }) => pattern.test(source.name) || pattern.test(source.arn);
};

const byPath = (where: string): Test => {
  const at = where.indexOf('=');
  if (at < 1) throw new InvalidInputError('where', where, 'must be a path and a value, with "=" between them');
  const steps = stepsOf(where.slice(0, at));
  const wanted = where.slice(at + 1);
  // A body that does not even contain the value need not be parsed; one with escapes is.
  const written = JSON.stringify(wanted).slice(1, -1);
  return ({ failure: { body } }) => {
    if (!body.includes(written) && !body.includes('\\')) return false;
    try {
      const found = valueAt(JSON.parse(body), steps);
      return found !== undefined && (typeof found === 'string' ? found : JSON.stringify(found)) === wanted;
    } catch {
      return false;
    }
  };
};

/**
 * The conditions of a query on single failures, cheapest first; `undefined` where it has none. Its state is its group's.
 *
 * @throws InvalidInputError naming the field, its value and the rule
 */
export const testOf = (query: FailureQuery): Test | undefined => {
  const { from, until, source, sourceKind, queueArn, fingerprint, text, where = [] } = query;
  const fromMs = from === undefined ? undefined : timeOf('from', from);
  const untilMs = until === undefined ? undefined : timeOf('until', until);
  const tests: Test[] = [
    ...(fingerprint === undefined ? [] : [({ group }: Entry) => group.fingerprint.key === fingerprint]),
    ...(fromMs === undefined ? [] : [({ lastSeenMs }: Entry) => lastSeenMs >= fromMs]),
    ...(untilMs === undefined ? [] : [({ lastSeenMs }: Entry) => lastSeenMs < untilMs]),
    ...(sourceKind === undefined ? [] : [({ failure }: Entry) => failure.source.kind === sourceKind]),
    ...(queueArn === undefined
      ? []
      : [({ failure: { place } }: Entry) => place.kind === 'queue' && place.arn === queueArn]),
    ...(source === undefined ? [] : [bySource(source)]),
    ...(text === undefined ? [] : [byText(text)]),
    ...where.map(byPath),
  ];
  return tests.length === 0 ? undefined : (entry) => tests.every((test) => test(entry));
};
