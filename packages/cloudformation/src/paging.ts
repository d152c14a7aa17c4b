import { pageByPosition, withNextToken } from '@holdfast/engine';
import { validationError } from './errors.ts';

/** One page of a list. */
export const page = <Item>(
  items: readonly Item[],
  token: string | undefined,
  size: number,
): { readonly items: Item[]; readonly NextToken?: string } => {
  const invalid = () => validationError('Invalid token');
  const { page, ...next } = withNextToken(pageByPosition(items, { token, size, invalid }));
  return { items: page, ...next };
};
