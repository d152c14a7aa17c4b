import type { Json, JsonObject } from '../../../core/index.ts';
import { type Findings, isObject } from './findings.ts';

/** `Retry` and `Catch`. */
export const checkHandlers = (found: Findings, state: JsonObject, at: string, states: JsonObject | undefined): void => {
  for (const [kind, list] of [
    ['Retry', state.Retry],
    ['Catch', state.Catch],
  ] as const) {
    if (list === undefined) continue;
    if (!Array.isArray(list)) {
      found.fail('Expected value of type Array', `${at}/${kind}`);
      continue;
    }
    for (const [index, each] of (list as readonly Json[]).entries()) {
      const place = `${at}/${kind}[${index}]`;
      if (!isObject(each)) {
        found.fail('Expected value of type Object', place);
        continue;
      }
      checkErrorEquals(found, each, index === list.length - 1, place);
      if (kind === 'Retry') checkRetrier(found, each, place);
      else if (each.Next === undefined) found.fail('These fields are required: [Next]', place);
      else found.target(each.Next, `${place}/Next`, states);
    }
  }
};

const checkErrorEquals = (found: Findings, handler: JsonObject, isLast: boolean, at: string): void => {
  const { ErrorEquals: names } = handler;
  if (names === undefined) {
    found.fail('These fields are required: [ErrorEquals]', at);
    return;
  }
  if (!Array.isArray(names) || names.length === 0) {
    found.fail('Value cannot be empty', `${at}/ErrorEquals`);
    return;
  }
  if (names.includes('States.ALL') && names.length > 1) {
    found.fail('States.ALL can only be used alone', `${at}/ErrorEquals`);
  } else if (names.includes('States.ALL') && !isLast) {
    found.fail('States.ALL can only appear in the last element', `${at}/ErrorEquals`);
  }
};

const checkRetrier = (found: Findings, retrier: JsonObject, at: string): void => {
  const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
  if (IntervalSeconds !== undefined) found.integer(IntervalSeconds, 1, 99_999_999, `${at}/IntervalSeconds`);
  if (MaxAttempts !== undefined) found.integer(MaxAttempts, 0, 99_999_999, `${at}/MaxAttempts`);
  if (BackoffRate !== undefined && (typeof BackoffRate !== 'number' || BackoffRate < 1)) {
    found.fail('Value must be greater than or equal to 1.0', `${at}/BackoffRate`);
  }
  if (MaxDelaySeconds !== undefined) found.integer(MaxDelaySeconds, 1, 31_622_399, `${at}/MaxDelaySeconds`);
  if (JitterStrategy !== undefined) found.oneOf(JitterStrategy, ['FULL', 'NONE'], 'JitterStrategy', at);
};
