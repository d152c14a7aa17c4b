import { Constraints, pageByKey, withNextToken } from '../../core/index.ts';
import { validation } from './errors.ts';

const LIMIT_MAX = 100;

/** One page of a list sorted by key. */
export const pageOf = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  token: string | undefined,
  limit: number | undefined,
): { page: Item[]; NextToken?: string } => {
  new Constraints().range('limit', limit, 1, LIMIT_MAX).check();
  const invalid = () => validation('Parameter NextToken is not valid.');
  return withNextToken(pageByKey(items, keyOf, { token, size: limit ?? LIMIT_MAX, invalid }));
};

export { byUnits as byName } from '../../core/index.ts';
