import { byUnits, pageByKey, withNextToken } from '../../core/index.ts';
import { badRequest } from './errors.ts';

const PAGE_DEFAULT = 25;
const PAGE_MAX = 500;

interface ListInput {
  /** A number, as text on the wire. */
  readonly MaxResults?: string | undefined;
  readonly NextToken?: string | undefined;
}

/** One page of a list, in order of its keys. */
export const listed = <Item, Shown>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { MaxResults, NextToken }: ListInput,
  show: (item: Item) => Shown,
): { Items: Shown[]; NextToken?: string } => {
  const size = MaxResults === undefined ? PAGE_DEFAULT : Number(MaxResults);
  if (!Number.isInteger(size) || size < 1 || size > PAGE_MAX) {
    throw badRequest(`Invalid value for maxResults: ${MaxResults}. It must be a number from 1 to ${PAGE_MAX}.`);
  }
  const sorted = [...items].sort((a, b) => byUnits(keyOf(a), keyOf(b)));
  const invalid = () => badRequest('Invalid nextToken.');
  const { page, ...next } = withNextToken(pageByKey(sorted, keyOf, { token: NextToken, size, invalid }));
  return { Items: page.map(show), ...next };
};

/** A map with changes: an empty text takes a name away, as UpdateIntegration and UpdateStage have it. */
export const changedMap = (
  before: Readonly<Record<string, string>> | undefined,
  changes: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined => {
  if (changes === undefined) return before;
  const entries = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== '');
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

/** The members of an input that carry a value. */
export const given = <Input extends object>(input: Input): Input =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Input;

/** A map without one name. */
export const without = <Value>(map: Readonly<Record<string, Value>>, name: string): Record<string, Value> => {
  const { [name]: _, ...rest } = map;
  return rest;
};

/** What a map has under a name that a caller made up; never what every object has. */
export const own = <Value>(
  map: Readonly<Record<string, Value>> | undefined,
  name: string | undefined,
): Value | undefined => (map !== undefined && name !== undefined && Object.hasOwn(map, name) ? map[name] : undefined);
