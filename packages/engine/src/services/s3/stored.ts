import type { EpochMs } from '@holdfast/kernel';
import type { StoredChecksum } from './checksums.ts';

/** What outlives the process: plain JSON, one row per bucket, object version, upload and part. */

export interface StoredBucket {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** As the client gave it (`EU` stays `EU`); `undefined` in us-east-1. */
  readonly locationConstraint?: string | undefined;
  readonly createdAt: EpochMs;
  readonly versioning?: 'Enabled' | 'Suspended' | undefined;
  readonly notification?: StoredNotification | undefined;
  /** Configurations that are stored and given back, by name, dates as `{ "$date": ms }`. */
  readonly configurations: Readonly<Record<string, unknown>>;
}

/** A notification configuration, destinations of all kinds in one list. */
export interface StoredNotification {
  readonly rules: readonly NotificationRule[];
  readonly toEventBridge: boolean;
}

export interface NotificationRule {
  readonly id: string;
  readonly kind: 'queue' | 'topic' | 'function';
  readonly arn: string;
  /** With the `s3:` prefix, as configured. */
  readonly events: readonly string[];
  readonly prefix?: string | undefined;
  readonly suffix?: string | undefined;
}

/** Bytes in the blob store. */
export interface Segment {
  readonly blobId: string;
  readonly size: number;
}

/** What an object carries besides its bytes, as given at its creation. */
export interface ObjectAttributes {
  readonly headers: Readonly<Partial<Record<ContentHeader, string>>>;
  /** `Expires`, in milliseconds. */
  readonly expiresAt?: EpochMs | undefined;
  /** User metadata, names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly StoredTag[];
  readonly storageClass: string;
  readonly encryption: StoredEncryption;
}

export type ContentHeader =
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'ContentType'
  | 'WebsiteRedirectLocation';

export interface StoredTag {
  readonly Key: string;
  readonly Value: string;
}

export interface StoredEncryption {
  readonly algorithm: string;
  readonly keyId?: string | undefined;
  readonly context?: string | undefined;
  readonly bucketKeyEnabled?: boolean | undefined;
}

export interface StoredPart {
  readonly number: number;
  /** Hexadecimal md5, without quotes. */
  readonly etag: string;
  readonly segment: Segment;
  /** Kept only when the upload was created with an algorithm. */
  readonly checksum?: StoredChecksum | undefined;
  readonly lastModified: EpochMs;
}

/** An object or a delete marker: one version of a key. */
export interface StoredVersion {
  readonly bucket: string;
  readonly key: string;
  /** `null` (the text) for versions made while versioning was not enabled. */
  readonly versionId: string;
  /** Grows with every write to any bucket; newer versions have larger ones. */
  readonly sequence: number;
  /** Whole seconds, as S3 keeps them. */
  readonly lastModified: EpochMs;
  /** `undefined` for a delete marker. */
  readonly content?: ObjectContent | undefined;
}

export interface ObjectContent extends ObjectAttributes {
  /** Without quotes. */
  readonly etag: string;
  readonly size: number;
  readonly segments: readonly Segment[];
  readonly checksum?: StoredChecksum | undefined;
  /** Of a multipart upload. */
  readonly parts?: readonly ObjectPart[] | undefined;
  /** The multipart upload that it was; its completion may be asked for again. */
  readonly uploadId?: string | undefined;
}

export interface ObjectPart {
  readonly number: number;
  readonly size: number;
  readonly checksum?: StoredChecksum | undefined;
}

export interface ObjectVersion extends StoredVersion {
  readonly content: ObjectContent;
}

export interface StoredUpload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly account: string;
  readonly initiatedAt: EpochMs;
  /** The sequence of the key's newest version when the upload began; 0 when there was none. */
  readonly startedAfter?: number | undefined;
  readonly attributes: ObjectAttributes;
  /** As asked for at creation; `undefined`: S3's own choice (CRC64NVME over the whole object). */
  readonly checksumAlgorithm?: StoredChecksum['algorithm'] | undefined;
  readonly checksumType?: StoredChecksum['type'] | undefined;
}

const DATE_MEMBER = '$date';

/** Turns SDK values into plain JSON: dates become `{ "$date": ms }`, `undefined` members go. */
export const toPlain = (value: unknown): unknown => {
  if (value instanceof Date) return { [DATE_MEMBER]: value.getTime() };
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, toPlain(member)]),
  );
};

/** The reverse of {@link toPlain}. */
export const fromPlain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(fromPlain);
  if (typeof value !== 'object' || value === null) return value;
  const date = (value as Record<string, unknown>)[DATE_MEMBER];
  if (typeof date === 'number') return new Date(date);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fromPlain(member)]));
};
