import { Constraints } from '../../core/index.ts';
import { validation } from './errors.ts';

/** One page of a list sorted by key; the token names the last key of the page before. */
export const pageOf = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  token: string | undefined,
  limit: number | undefined,
): { page: Item[]; NextToken?: string } => {
  new Constraints().range('limit', limit, 1, 100).check();
  const size = limit ?? 100;
  let start = 0;
  if (token !== undefined) {
    const last = Buffer.from(token, 'base64').toString();
    start = items.findIndex((item) => keyOf(item) > last);
    if (last === '') throw validation('Parameter NextToken is not valid.');
    if (start < 0) start = items.length;
  }
  const page = items.slice(start, start + size);
  const end = page.at(-1);
  return start + size < items.length && end !== undefined
    ? { page, NextToken: Buffer.from(keyOf(end)).toString('base64') }
    : { page };
};

export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
