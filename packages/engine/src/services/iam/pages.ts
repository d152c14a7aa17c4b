import { Constraints, pageByKey, ServiceError } from '../../core/index.ts';

const PAGE_ITEMS_DEFAULT = 100;
const PAGE_ITEMS_MAX = 1_000;

export interface Paging {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface Page<Entry> {
  readonly entries: Entry[];
  /** Members of the answer that continue it. */
  readonly continuation: { IsTruncated: boolean; Marker?: string };
}

/** One page of a list that is sorted by key. */
export const pageOf = <Entry>(
  sorted: readonly Entry[],
  keyOf: (entry: Entry) => string,
  { Marker, MaxItems }: Paging,
): Page<Entry> => {
  new Constraints().range('maxItems', MaxItems, 1, PAGE_ITEMS_MAX).check('ValidationError');
  const invalid = () => new ServiceError('ValidationError', `Invalid Marker: ${Marker}`, 400);
  const { page, next } = pageByKey(sorted, keyOf, { token: Marker, size: MaxItems ?? PAGE_ITEMS_DEFAULT, invalid });
  return {
    entries: page,
    continuation: next === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: next },
  };
};
