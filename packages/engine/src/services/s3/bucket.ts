import { bucketArn } from '@holdfast/aws-model';
import { KeyIndex } from './key-index.ts';
import type { ObjectVersion, StoredBucket, StoredVersion } from './stored.ts';

/** The version id of everything written while versioning is not enabled. */
export const NULL_VERSION = 'null';

export const isObject = (version: StoredVersion | undefined): version is ObjectVersion =>
  version?.content !== undefined;

/**
 * One bucket with its keys, in memory. Each key has its versions, newest first; `visible` holds the keys that a
 * listing shows, `hidden` those whose newest version is a delete marker, so that neither kind of listing wades
 * through the other's keys.
 */
export class Bucket {
  settings: StoredBucket;
  readonly visible: KeyIndex;
  readonly hidden: KeyIndex;
  readonly #versions = new Map<string, StoredVersion[]>();

  constructor(settings: StoredBucket, versions: readonly StoredVersion[] = []) {
    this.settings = settings;
    for (const version of [...versions].sort((a, b) => b.sequence - a.sequence)) {
      const list = this.#versions.get(version.key);
      if (list === undefined) this.#versions.set(version.key, [version]);
      else list.push(version);
    }
    const visible: string[] = [];
    const hidden: string[] = [];
    for (const [key, list] of this.#versions) (isObject(list[0]) ? visible : hidden).push(key);
    this.visible = new KeyIndex(visible);
    this.hidden = new KeyIndex(hidden);
  }

  get arn(): string {
    return bucketArn(this.settings.name);
  }

  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }

  /** All versions of a key, newest first. */
  versionsOf(key: string): readonly StoredVersion[] {
    return this.#versions.get(key) ?? [];
  }

  newest(key: string): StoredVersion | undefined {
    return this.#versions.get(key)?.[0];
  }

  version(key: string, versionId: string): StoredVersion | undefined {
    return this.#versions.get(key)?.find((version) => version.versionId === versionId);
  }

  /** Makes `version` the newest of its key, in place of one with the same id. Returns what it replaced. */
  add(version: StoredVersion): StoredVersion | undefined {
    const replaced = this.version(version.key, version.versionId);
    const others = this.versionsOf(version.key).filter((other) => other !== replaced);
    this.#put(version.key, [version, ...others]);
    return replaced;
  }

  /** Replaces a version in place: same id, same age (tags changed). */
  update(version: StoredVersion): void {
    const list = this.versionsOf(version.key);
    this.#put(
      version.key,
      list.map((other) => (other.versionId === version.versionId ? version : other)),
    );
  }

  remove(version: StoredVersion): void {
    this.#put(
      version.key,
      this.versionsOf(version.key).filter((other) => other.versionId !== version.versionId),
    );
  }

  #put(key: string, list: StoredVersion[]): void {
    const before = this.#versions.get(key);
    const oldIndex = before === undefined ? undefined : isObject(before[0]) ? this.visible : this.hidden;
    const newIndex = list.length === 0 ? undefined : isObject(list[0]) ? this.visible : this.hidden;
    if (list.length === 0) this.#versions.delete(key);
    else this.#versions.set(key, list);
    if (oldIndex === newIndex) return;
    oldIndex?.delete(key);
    newIndex?.add(key);
  }
}
