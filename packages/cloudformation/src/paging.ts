import { validationError } from './errors.ts';

/** One page of a list; `NextToken` is the position to go on from. */
export const page = <Item>(
  items: readonly Item[],
  token: string | undefined,
  size: number,
): { readonly items: Item[]; readonly NextToken?: string } => {
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from) || from < 0) throw validationError('Invalid token');
  const next = from + size;
  return { items: items.slice(from, next), ...(next < items.length ? { NextToken: String(next) } : {}) };
};
