import { compare, durationOf, Instant, numberOf, textOf, type Value } from './query-value.ts';

export interface FunctionScope {
  readonly timestamp: number;
  readonly now: number;
}

type QueryFunction = (parameters: readonly Value[], scope: FunctionScope) => Value;

const numeric =
  (compute: (value: number) => number): QueryFunction =>
  ([value]) => {
    const number = numberOf(value);
    const result = number === undefined ? undefined : compute(number);
    return result === undefined || !Number.isFinite(result) ? undefined : result;
  };

const textual =
  (compute: (text: string) => Value): QueryFunction =>
  ([value]) =>
    value === undefined ? undefined : compute(textOf(value));

const rounded =
  (round: (value: number) => number): QueryFunction =>
  ([value, period]) => {
    const [at, size] = [numberOf(value), durationOf(period)];
    return at === undefined ? undefined : new Instant(round(at / size) * size);
  };

const stripped =
  (side: 'start' | 'end' | 'both'): QueryFunction =>
  ([value, characters]) => {
    if (value === undefined) return undefined;
    const set = characters === undefined ? undefined : new Set(textOf(characters));
    const isGone = (character: string | undefined): boolean =>
      character !== undefined && (set === undefined ? /\s/.test(character) : set.has(character));
    let text = textOf(value);
    while (side !== 'end' && isGone(text[0])) text = text.slice(1);
    while (side !== 'start' && isGone(text.at(-1))) text = text.slice(0, -1);
    return text;
  };

/** Functions of one row. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html */
export const FUNCTIONS: Readonly<Record<string, QueryFunction>> = {
  abs: numeric(Math.abs),
  ceil: numeric(Math.ceil),
  floor: numeric(Math.floor),
  log: numeric(Math.log),
  sqrt: numeric(Math.sqrt),
  greatest: (values) => values.reduce((best, value) => (compare(value, best) > 0 ? value : best)),
  least: (values) => values.reduce((best, value) => (compare(value, best) < 0 ? value : best)),
  bin: ([period], { timestamp }) => {
    const size = durationOf(period);
    return new Instant(Math.floor(timestamp / size) * size);
  },
  datefloor: rounded(Math.floor),
  dateceil: rounded(Math.ceil),
  fromMillis: ([value]) => {
    const at = numberOf(value);
    return at === undefined ? undefined : new Instant(at);
  },
  toMillis: ([value]) => numberOf(value),
  now: (_, { now }) => Math.floor(now / 1_000),
  ispresent: ([value]) => value !== undefined,
  isempty: ([value]) => value === undefined || textOf(value) === '',
  isblank: ([value]) => value === undefined || textOf(value).trim() === '',
  coalesce: (values) => values.find((value) => value !== undefined),
  concat: (values) => values.map(textOf).join(''),
  strlen: textual((text) => text.length),
  toupper: textual((text) => text.toUpperCase()),
  tolower: textual((text) => text.toLowerCase()),
  trim: stripped('both'),
  ltrim: stripped('start'),
  rtrim: stripped('end'),
  substr: ([value, from, length]) => {
    if (value === undefined) return undefined;
    const start = numberOf(from) ?? 0;
    const count = numberOf(length);
    return textOf(value).slice(start, count === undefined ? undefined : start + count);
  },
  replace: ([value, search, replacement]) =>
    value === undefined ? undefined : textOf(value).replaceAll(textOf(search), textOf(replacement)),
  strcontains: ([value, search]) => (value === undefined ? undefined : textOf(value).includes(textOf(search)) ? 1 : 0),
};
