import type { Bucket } from './bucket.ts';
import type { KeyCursor } from './key-index.ts';
import { compareUtf8 } from './utf8-order.ts';

export type ListedItem =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** Where a listing goes on: behind a key, or behind all keys with a prefix. */
export interface ListPosition {
  readonly after: string;
  readonly skipsPrefix?: boolean | undefined;
}

/** The common prefix that a key is rolled up into; `undefined` when it is listed itself. */
export const rolledUp = (key: string, prefix: string, delimiter: string): string | undefined => {
  if (delimiter === '') return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? undefined : key.slice(0, end + delimiter.length);
};

const startOf = (prefix: string, position: ListPosition | undefined) => {
  if (position === undefined || compareUtf8(position.after, prefix) < 0) {
    return (key: string): boolean => compareUtf8(key, prefix) < 0;
  }
  const { after, skipsPrefix = false } = position;
  return (key: string): boolean => compareUtf8(key, after) <= 0 || (skipsPrefix && key.startsWith(after));
};

/**
 * One page of a bucket's keys in order, those with a common prefix rolled up. Costs the page, not the bucket: keys
 * behind a common prefix are jumped over.
 */
export const listPage = (
  bucket: Bucket,
  options: {
    readonly prefix: string;
    readonly delimiter: string;
    readonly position: ListPosition | undefined;
    readonly max: number;
  },
): { readonly items: readonly ListedItem[]; readonly next: ListPosition | undefined } => {
  const { prefix, delimiter, position, max } = options;
  const items: ListedItem[] = [];
  if (max === 0) return { items, next: undefined };
  const cursor: KeyCursor = bucket.visible.seek(startOf(prefix, position));
  for (;;) {
    const { key } = cursor;
    if (key === undefined || !key.startsWith(prefix)) return { items, next: undefined };
    if (items.length === max) {
      const last = items[max - 1] as ListedItem;
      return {
        items,
        next: last.kind === 'key' ? { after: last.key } : { after: last.prefix, skipsPrefix: true },
      };
    }
    const common = rolledUp(key, prefix, delimiter);
    if (common === undefined) {
      items.push({ kind: 'key', key });
      cursor.advance();
    } else {
      items.push({ kind: 'prefix', prefix: common });
      cursor.skipPrefix(common);
    }
  }
};
