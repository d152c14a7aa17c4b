import { ServiceError } from '../../core/index.ts';
import { compileJsonCondition, PatternSyntaxError, regexMatcher, select, selectorSteps } from './json-condition.ts';
import { compileSpaceDelimited } from './space-delimited-pattern.ts';
import type { TextMatcher } from './text-matcher.ts';

/** A compiled filter pattern. */
export interface FilterPattern {
  matches(message: string): boolean;
  /** Value of `$.x` (JSON) or `$x` (space delimited) in a matching event. */
  extract(message: string, selector: string): unknown;
  /** Values that TestMetricFilter shows for a matching event. */
  extractAll(message: string): Record<string, string>;
}

const TERM = /\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)*)%|([^\s"%?]+))/y;

/** Unquoted terms hold word characters only; anything else needs quotes. */
const PLAIN_TERM = /^[\p{L}\p{N}_.]+$/u;

const parseJson = (message: string): unknown => {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
};

const compileTerms = (source: string): TextMatcher => {
  const required: TextMatcher[] = [];
  const optional: TextMatcher[] = [];
  const excluded: TextMatcher[] = [];
  TERM.lastIndex = 0;
  while (source.slice(TERM.lastIndex).trim() !== '') {
    const match = TERM.exec(source);
    if (match === null) throw new PatternSyntaxError('bad term');
    const [, prefix, quoted, regex, plain] = match;
    if (plain !== undefined && !PLAIN_TERM.test(plain)) throw new PatternSyntaxError('quote this term');
    const text = plain ?? quoted?.replace(/\\(.)/g, '$1') ?? '';
    const matcher: TextMatcher = regex === undefined ? (message) => message.includes(text) : regexMatcher(regex);
    (prefix === '?' ? optional : prefix === '-' ? excluded : required).push(matcher);
  }
  // Beside other terms AWS ignores the optional ones.
  if (required.length + excluded.length === 0) return (message) => optional.some((matcher) => matcher(message));
  return (message) => required.every((matcher) => matcher(message)) && !excluded.some((matcher) => matcher(message));
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const compile = (source: string): FilterPattern => {
  const trimmed = source.trim();
  if (trimmed.startsWith('{')) {
    if (!trimmed.endsWith('}')) throw new PatternSyntaxError('missing }');
    const { condition, selectors } = compileJsonCondition(trimmed.slice(1, -1));
    const extract = (message: string, selector: string): unknown =>
      select(parseJson(message), selectorSteps(selector))[0];
    return {
      matches: (message) => {
        const root = parseJson(message);
        return root !== undefined && condition(root);
      },
      extract,
      extractAll: (message) =>
        Object.fromEntries(
          selectors.flatMap((selector) => {
            const value = extract(message, selector);
            return value === undefined ? [] : [[selector, textOf(value)]];
          }),
        ),
    };
  }
  if (trimmed.startsWith('[')) {
    if (!trimmed.endsWith(']')) throw new PatternSyntaxError('missing ]');
    const fields = compileSpaceDelimited(trimmed.slice(1, -1));
    return {
      matches: (message) => fields(message) !== undefined,
      extract: (message, selector) => fields(message)?.[selector],
      extractAll: (message) => ({ ...fields(message) }),
    };
  }
  const matches: TextMatcher = trimmed === '' ? () => true : compileTerms(trimmed);
  return {
    matches,
    // A pattern of terms still lets a metric read its value from a JSON event.
    extract: (message, selector) => select(parseJson(message), selectorSteps(selector))[0],
    extractAll: () => ({}),
  };
};

/**
 * Compiles a filter pattern of any of the three forms: terms, `{ JSON }`, `[ space delimited ]`.
 *
 * Differs: a term matches anywhere in the text; regular expressions are JavaScript's.
 * @throws ServiceError InvalidParameterException
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const compileFilterPattern = (source: string): FilterPattern => {
  if (source.length > 1_024) {
    throw new ServiceError(
      'InvalidParameterException',
      `1 validation error detected: Value '${source}' at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024`,
    );
  }
  try {
    return compile(source);
  } catch (error) {
    if (error instanceof PatternSyntaxError) {
      throw new ServiceError('InvalidParameterException', 'Invalid filter pattern', 400);
    }
    throw error;
  }
};
