import { joinBytes } from '@holdfast/kernel';
import { type RequestContext, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { Bucket, isObject, NULL_VERSION } from './bucket.ts';
import { noSuchBucket } from './errors.ts';
import type { ObjectContent, ObjectVersion, Segment, StoredBucket, StoredVersion } from './stored.ts';

/** Sequence numbers reserved per stored step: about 17 minutes of them. */
const SEQUENCE_RESERVE = 2 ** 30;
const SEQUENCES_PER_MS = 1024;

const versionRow = (version: StoredVersion): string => `${version.bucket}/${version.versionId}/${version.key}`;

/** All buckets, by name (one name space for every account), and every write to them, stored as it happens. */
export class ObjectTable {
  readonly buckets = new Map<string, Bucket>();
  readonly #environment: ServiceEnvironment;
  readonly #storedBuckets;
  readonly #storedVersions;
  readonly #storedSequence;
  #sequence = 0;
  #reserved = 0;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#storedBuckets = environment.store.collection<StoredBucket>('s3.buckets');
    this.#storedVersions = environment.store.collection<StoredVersion>('s3.objects');
    this.#storedSequence = environment.store.collection<number>('s3.sequence');
    const versions = new Map<string, StoredVersion[]>();
    for (const [, version] of this.#storedVersions.entries()) {
      const list = versions.get(version.bucket);
      if (list === undefined) versions.set(version.bucket, [version]);
      else list.push(version);
    }
    for (const [name, bucket] of this.#storedBuckets.entries()) {
      this.buckets.set(name, new Bucket(bucket, versions.get(name)));
    }
    for (const [, reserved] of this.#storedSequence.entries()) this.#reserved = reserved;
    this.#sequence = this.#reserved;
  }

  /** @throws ServiceError NoSuchBucket, AccessDenied when another account than expected owns it */
  bucket(name: string, expectedOwner?: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    if (expectedOwner === undefined) return bucket;
    if (!/^\d{12}$/.test(expectedOwner)) {
      throw new ServiceError(
        'InvalidBucketOwnerAWSAccountID',
        `The value of the expected bucket owner parameter must be an AWS Account ID... [${expectedOwner}]`,
        400,
      );
    }
    if (expectedOwner !== bucket.settings.account) throw new ServiceError('AccessDenied', 'Access Denied', 403);
    return bucket;
  }

  create(settings: StoredBucket): Bucket {
    const bucket = new Bucket(settings);
    this.buckets.set(settings.name, bucket);
    this.#storedBuckets.put(settings.name, settings);
    return bucket;
  }

  configure(bucket: Bucket, change: Partial<StoredBucket>): void {
    bucket.settings = { ...bucket.settings, ...change };
    this.#storedBuckets.put(bucket.settings.name, bucket.settings);
  }

  drop(bucket: Bucket): void {
    this.buckets.delete(bucket.settings.name);
    this.#storedBuckets.delete(bucket.settings.name);
  }

  /** Writes a new version of a key; in a bucket without versioning it replaces the old object, bytes and all. */
  write(bucket: Bucket, key: string, content: ObjectContent | undefined, context: RequestContext): StoredVersion {
    const isVersioned = bucket.settings.versioning === 'Enabled';
    const version: StoredVersion = {
      bucket: bucket.settings.name,
      key,
      versionId: isVersioned ? this.#environment.ids.hex(32) : NULL_VERSION,
      sequence: this.nextSequence(context.now),
      lastModified: Math.floor(context.now / 1000) * 1000,
      ...(content === undefined ? {} : { content }),
    };
    const replaced = bucket.add(version);
    if (replaced !== undefined) this.#dropBytes(replaced);
    this.#storedVersions.put(versionRow(version), version);
    return version;
  }

  /** Changes what is said about a version, not its bytes. */
  amend(bucket: Bucket, version: ObjectVersion, change: Partial<ObjectContent>): ObjectVersion {
    const amended = { ...version, content: { ...version.content, ...change } };
    bucket.update(amended);
    this.#storedVersions.put(versionRow(amended), amended);
    return amended;
  }

  remove(bucket: Bucket, version: StoredVersion): void {
    bucket.remove(version);
    this.#dropBytes(version);
    this.#storedVersions.delete(versionRow(version));
  }

  storeBytes(bytes: Uint8Array): Segment {
    const blobId = `s3-${this.#environment.ids.uuid()}`;
    this.#environment.store.blobs.put(blobId, bytes);
    return { blobId, size: bytes.length };
  }

  dropSegment(segment: Segment): void {
    this.#environment.store.blobs.delete(segment.blobId);
  }

  /** Bytes `start` up to and including `end`; only the segments that hold them are read. */
  readBytes(segments: readonly Segment[], start: number, end: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (const { blobId, size } of segments) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end + 1 - offset, size);
      if (from < to) {
        const bytes = this.#environment.store.blobs.get(blobId);
        pieces.push(from === 0 && to === size ? bytes : bytes.subarray(from, to));
      }
      offset += size;
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : joinBytes(pieces);
  }

  readAll(content: ObjectContent): Uint8Array {
    return this.readBytes(content.segments, 0, content.size - 1);
  }

  /**
   * The next sequence number: grows with time and never repeats, across restarts too. Ranges are reserved in the
   * store ahead of use, so that a deleted object's number is not given out again.
   */
  nextSequence(now: number): number {
    this.#sequence = Math.max(this.#sequence + 1, now * SEQUENCES_PER_MS);
    if (this.#sequence >= this.#reserved) {
      this.#reserved = this.#sequence + SEQUENCE_RESERVE;
      this.#storedSequence.put('reserved', this.#reserved);
    }
    return this.#sequence;
  }

  #dropBytes(version: StoredVersion): void {
    if (isObject(version)) for (const segment of version.content.segments) this.dropSegment(segment);
  }
}
