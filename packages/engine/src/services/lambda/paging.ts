import { Constraints, pageByPosition } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';

/** One page of a list. */
export const pageOf = <Item>(
  items: readonly Item[],
  marker: string | undefined,
  maxItems: number | undefined,
  pageMax = 50,
): { readonly page: Item[]; readonly NextMarker?: string } => {
  new Constraints().range('maxItems', maxItems, 1, 10_000).check();
  const size = Math.min(maxItems ?? pageMax, pageMax);
  const invalid = () => invalidParameter('The Marker parameter is not valid.');
  const { page, next } = pageByPosition(items, { token: marker, size, invalid });
  return next === undefined ? { page } : { page, NextMarker: next };
};
