import { validation } from './errors.ts';

const PAGE_MAX = 100;

/** One page of a list sorted by key; the token names the last key of the page before. */
export const pageOf = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  token: string | undefined,
  size = PAGE_MAX,
): { page: Item[]; NextToken?: string } => {
  let start = 0;
  if (token !== undefined) {
    const last = Buffer.from(token, 'base64').toString();
    if (last === '') throw validation('Invalid NextToken.');
    start = items.findIndex((item) => keyOf(item) > last);
    if (start < 0) start = items.length;
  }
  const page = items.slice(start, start + size);
  const end = page.at(-1);
  return start + size < items.length && end !== undefined
    ? { page, NextToken: Buffer.from(keyOf(end)).toString('base64') }
    : { page };
};

export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
