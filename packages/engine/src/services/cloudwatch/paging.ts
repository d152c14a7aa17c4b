import { ServiceError } from '../../core/index.ts';

/** One page of a list; the token is the place where the next one begins. */
export const pageOf = <Item>(
  items: readonly Item[],
  token: string | undefined,
  size: number,
): { page: Item[]; NextToken?: string } => {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) {
    throw new ServiceError('InvalidNextToken', 'The value for parameter NextToken is invalid.', 400);
  }
  const page = items.slice(start, start + size);
  return start + size < items.length
    ? { page, NextToken: Buffer.from(String(start + size)).toString('base64') }
    : { page };
};
