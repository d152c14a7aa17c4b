import { base64OfText, textOfBase64 } from '@holdfast/kernel';
import type { ServiceError } from './service-error.ts';

export interface Page<Item> {
  readonly page: Item[];
  /** Asks for the next page; there is none without it. */
  readonly next?: string;
}

export interface PageRequest {
  readonly token: string | undefined;
  readonly size: number;
  /** What the list is of, where tokens of one list must not work on another. */
  readonly scope?: string;
  /** The service's answer to a token that it has not given out. */
  readonly invalid: () => ServiceError;
}

type Place = string | number;

const tokenFor = (scope: string, place: Place): string => base64OfText(JSON.stringify([scope, place]));

const placeOf = ({ token, scope = '', invalid }: PageRequest, type: 'string' | 'number'): Place | undefined => {
  if (token === undefined || token === '') return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(textOfBase64(token) ?? '');
  } catch {
    throw invalid();
  }
  if (!Array.isArray(parts) || parts[0] !== scope || typeof parts[1] !== type) throw invalid();
  return parts[1] as Place;
};

/** One page of a list in order of its keys; items may come and go between pages, and none is given twice. */
export const pageByKey = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  request: PageRequest,
): Page<Item> => {
  const after = placeOf(request, 'string');
  const found = after === undefined ? 0 : items.findIndex((item) => keyOf(item) > (after as string));
  const start = found < 0 ? items.length : found;
  const page = items.slice(start, start + request.size);
  const last = page.at(-1);
  return last !== undefined && start + page.length < items.length
    ? { page, next: tokenFor(request.scope ?? '', keyOf(last)) }
    : { page };
};

/** One page of a list that is in no order of keys, or only grows at its end. */
export const pageByPosition = <Item>(items: readonly Item[], request: PageRequest): Page<Item> => {
  const start = (placeOf(request, 'number') ?? 0) as number;
  if (!Number.isInteger(start) || start < 0) throw request.invalid();
  const page = items.slice(start, start + request.size);
  const end = start + page.length;
  return page.length > 0 && end < items.length ? { page, next: tokenFor(request.scope ?? '', end) } : { page };
};

/** The continuation as most services call it. */
export const withNextToken = <Item>({ page, next }: Page<Item>): { page: Item[]; NextToken?: string } =>
  next === undefined ? { page } : { page, NextToken: next };

/** By UTF-16 units, as keys are compared above. */
export const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
