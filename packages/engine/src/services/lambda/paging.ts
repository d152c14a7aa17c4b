import { Constraints } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';

/** Cuts one page out of a list. The marker is opaque to callers; here it is the number of entries already seen. */
export const pageOf = <Item>(
  items: readonly Item[],
  marker: string | undefined,
  maxItems: number | undefined,
  pageMax = 50,
): { readonly page: readonly Item[]; readonly NextMarker?: string } => {
  new Constraints().range('maxItems', maxItems, 1, 10_000).check();
  const start = marker === undefined || marker === '' ? 0 : Number.parseInt(marker, 36);
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('The Marker parameter is not valid.');
  const end = start + Math.min(maxItems ?? pageMax, pageMax);
  return { page: items.slice(start, end), ...(end < items.length ? { NextMarker: end.toString(36) } : {}) };
};
