import { type Bucket, isObject } from './bucket.ts';
import { rolledUp } from './listing.ts';
import type { ObjectVersion, StoredVersion } from './stored.ts';
import { compareUtf8 } from './utf8-order.ts';

export type ListedVersion =
  | { readonly kind: 'object'; readonly version: ObjectVersion; readonly isLatest: boolean }
  | { readonly kind: 'marker'; readonly version: StoredVersion; readonly isLatest: boolean }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** Where the next page goes on: behind this version of the key, or behind the whole key or common prefix. */
interface VersionPosition {
  readonly key: string;
  readonly versionId?: string | undefined;
}

/** One page of all versions: keys in order, each key's versions newest first. */
export const listVersionsPage = (
  bucket: Bucket,
  options: {
    readonly prefix: string;
    readonly delimiter: string;
    readonly keyMarker: string;
    readonly versionIdMarker: string;
    readonly max: number;
  },
): { readonly items: readonly ListedVersion[]; readonly next: VersionPosition | undefined } => {
  const { prefix, delimiter, keyMarker, versionIdMarker, max } = options;
  const items: ListedVersion[] = [];
  if (max === 0) return { items, next: undefined };
  const markerPrefix = keyMarker.startsWith(prefix) ? rolledUp(keyMarker, prefix, delimiter) : undefined;
  const isBefore = (key: string): boolean => {
    if (compareUtf8(key, prefix) < 0) return true;
    if (markerPrefix !== undefined && key.startsWith(markerPrefix)) return true;
    const order = keyMarker === '' ? 1 : compareUtf8(key, keyMarker);
    // With a version marker the marked key itself has more to show.
    return versionIdMarker === '' ? order <= 0 : order < 0;
  };
  // Keys are split over two indexes; walk both in step.
  const cursors = [bucket.visible.seek(isBefore), bucket.hidden.seek(isBefore)] as const;
  for (;;) {
    const [left, right] = [cursors[0].key, cursors[1].key];
    const isLeft = right === undefined || (left !== undefined && compareUtf8(left, right) < 0);
    const key = isLeft ? left : right;
    if (key === undefined || !key.startsWith(prefix)) return { items, next: undefined };
    const common = rolledUp(key, prefix, delimiter);
    if (common !== undefined) {
      if (items.length === max) return { items, next: positionOf(items) };
      items.push({ kind: 'prefix', prefix: common });
      for (const cursor of cursors) cursor.skipPrefix(common);
      continue;
    }
    const versions = bucket.versionsOf(key);
    const marked = key === keyMarker ? versions.findIndex((version) => version.versionId === versionIdMarker) : -1;
    for (const [index, version] of versions.entries()) {
      if (index <= marked) continue;
      if (items.length === max) return { items, next: positionOf(items) };
      const isLatest = index === 0;
      items.push(isObject(version) ? { kind: 'object', version, isLatest } : { kind: 'marker', version, isLatest });
    }
    cursors[isLeft ? 0 : 1].advance();
  }
};

const positionOf = (items: readonly ListedVersion[]): VersionPosition => {
  const last = items.at(-1) as ListedVersion;
  return last.kind === 'prefix' ? { key: last.prefix } : { key: last.version.key, versionId: last.version.versionId };
};
