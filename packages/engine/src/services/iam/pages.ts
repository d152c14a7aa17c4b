import { Constraints, ServiceError } from '../../core/index.ts';

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

/** One page of a list that is sorted by key; the marker holds the last key given out. */
export const pageOf = <Entry>(
  sorted: readonly Entry[],
  keyOf: (entry: Entry) => string,
  { Marker, MaxItems }: Paging,
): Page<Entry> => {
  new Constraints().range('maxItems', MaxItems, 1, PAGE_ITEMS_MAX).check('ValidationError');
  let rest = sorted;
  if (Marker !== undefined) {
    const last = Buffer.from(Marker, 'base64').toString();
    const position = sorted.findIndex((entry) => keyOf(entry) > last);
    if (last === '') throw new ServiceError('ValidationError', `Invalid Marker: ${Marker}`, 400);
    rest = position < 0 ? [] : sorted.slice(position);
  }
  const entries = rest.slice(0, MaxItems ?? PAGE_ITEMS_DEFAULT);
  const last = entries[entries.length - 1];
  if (last === undefined || entries.length === rest.length) return { entries, continuation: { IsTruncated: false } };
  return { entries, continuation: { IsTruncated: true, Marker: Buffer.from(keyOf(last)).toString('base64') } };
};
