import { utf8Length } from '@holdfast/kernel';
import { type KeySource, ServiceError } from '../../core/index.ts';
import { type Bucket, NULL_VERSION } from './bucket.ts';
import { invalidArgument } from './errors.ts';
import type { ContentHeader, ObjectAttributes, ObjectVersion, StoredEncryption } from './stored.ts';
import { readTagHeader } from './tags.ts';

const CONTENT_HEADERS: readonly ContentHeader[] = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'WebsiteRedirectLocation',
];

/** Input members that become attributes of the object, for operation tables. */
export const ATTRIBUTE_MEMBERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'WebsiteRedirectLocation',
  'Expires',
  'Metadata',
  'Tagging',
  'StorageClass',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'SSEKMSEncryptionContext',
  'BucketKeyEnabled',
] as const;

export type AttributeInput = { readonly [Header in ContentHeader]?: string | undefined } & {
  readonly Expires?: Date | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
  readonly Tagging?: string | undefined;
  readonly StorageClass?: string | undefined;
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly SSEKMSEncryptionContext?: string | undefined;
  readonly BucketKeyEnabled?: boolean | undefined;
};

const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
];

/** Of KMS, for those who name none. */
export const AWS_MANAGED_KEY = 'alias/aws/s3';

const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'];

/** User metadata per object: names and values together. */
export const METADATA_BYTES_MAX = 2048;
export const KEY_BYTES_MAX = 1024;

export const checkKey = (key: string | undefined): string => {
  const bytes = utf8Length(key ?? '');
  if (key === undefined || bytes === 0) throw invalidArgument('The key must not be empty', 'Key', '');
  if (bytes > KEY_BYTES_MAX) {
    throw new ServiceError('KeyTooLongError', 'Your key is too long', 400, {
      Size: String(bytes),
      MaxSizeAllowed: String(KEY_BYTES_MAX),
    });
  }
  return key;
};

const readMetadata = (metadata: Readonly<Record<string, string>> | undefined): Record<string, string> => {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const bytes = entries.reduce((sum, [name, value]) => sum + utf8Length(name) + utf8Length(value), 0);
  if (bytes > METADATA_BYTES_MAX) {
    throw new ServiceError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
      Size: String(bytes),
      MaxSizeAllowed: String(METADATA_BYTES_MAX),
    });
  }
  return Object.fromEntries(entries);
};

interface EncryptionRule {
  readonly ApplyServerSideEncryptionByDefault?: { readonly SSEAlgorithm?: string; readonly KMSMasterKeyID?: string };
  readonly BucketKeyEnabled?: boolean;
}

/** The request's encryption settings, else the bucket's. They are stored and shown; bytes stay as they are. */
const readEncryption = (input: AttributeInput, bucket: Bucket, keys: KeySource): StoredEncryption => {
  const configured = bucket.settings.configurations['encryption'] as { readonly Rules?: readonly EncryptionRule[] };
  const rule = configured?.Rules?.[0];
  const byDefault = rule?.ApplyServerSideEncryptionByDefault;
  const algorithm = input.ServerSideEncryption ?? byDefault?.SSEAlgorithm ?? 'AES256';
  if (!ENCRYPTIONS.includes(algorithm)) {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  if (algorithm === 'AES256') {
    if (input.SSEKMSKeyId !== undefined) {
      throw invalidArgument(
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
        'x-amz-server-side-encryption',
        algorithm,
      );
    }
    return { algorithm };
  }
  const usesDefault = input.ServerSideEncryption === undefined || byDefault?.SSEAlgorithm === algorithm;
  const { account, region } = bucket.settings;
  const keyId = input.SSEKMSKeyId ?? (usesDefault ? byDefault?.KMSMasterKeyID : undefined) ?? AWS_MANAGED_KEY;
  return {
    algorithm,
    // Of a key that is not there the use is refused, by the name it was given.
    keyId: keys.arnOf({ account, region, keyId }) ?? keyId,
    context: input.SSEKMSEncryptionContext,
    bucketKeyEnabled: input.BucketKeyEnabled ?? (usesDefault ? rule?.BucketKeyEnabled : undefined),
  };
};

export const checkStorageClass = (storageClass: string | undefined): string => {
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass)) {
    throw new ServiceError('InvalidStorageClass', 'The storage class you specified is not valid', 400, {
      StorageClassRequested: storageClass,
    });
  }
  return storageClass ?? 'STANDARD';
};

/** Reads everything about an object that is not its bytes. */
export const readAttributes = (input: AttributeInput, bucket: Bucket, keys: KeySource): ObjectAttributes => {
  const headers: Partial<Record<ContentHeader, string>> = {};
  for (const name of CONTENT_HEADERS) {
    const value = input[name];
    if (value !== undefined) headers[name] = value;
  }
  // `aws-chunked` describes the transfer; S3 does not keep it.
  const encoding = headers.ContentEncoding?.split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'aws-chunked')
    .join(',');
  if (encoding === '') delete headers.ContentEncoding;
  else if (encoding !== undefined) headers.ContentEncoding = encoding;
  return {
    headers,
    ...(input.Expires === undefined ? {} : { expiresAt: input.Expires.getTime() }),
    metadata: readMetadata(input.Metadata),
    tags: readTagHeader(input.Tagging),
    storageClass: checkStorageClass(input.StorageClass),
    encryption: readEncryption(input, bucket, keys),
  };
};

/** Encryption as outputs show it. */
export const encryptionOut = (encryption: StoredEncryption) => ({
  ServerSideEncryption: encryption.algorithm as 'AES256',
  ...(encryption.keyId === undefined ? {} : { SSEKMSKeyId: encryption.keyId }),
  ...(encryption.bucketKeyEnabled === true ? { BucketKeyEnabled: true } : {}),
});

/** The version id as outputs show it: only where the bucket has, or had, versioning. */
export const versionOut = (bucket: Bucket, versionId: string): { readonly VersionId?: string } =>
  bucket.settings.versioning === undefined && versionId === NULL_VERSION ? {} : { VersionId: versionId };

/** What GetObject and HeadObject say about an object, whatever part of it is asked for. */
export const describe = (bucket: Bucket, version: ObjectVersion) => {
  const { content } = version;
  return {
    AcceptRanges: 'bytes',
    LastModified: new Date(version.lastModified),
    ETag: `"${content.etag}"`,
    ...versionOut(bucket, version.versionId),
    ContentType: 'binary/octet-stream',
    ...content.headers,
    ...(content.expiresAt === undefined
      ? {}
      : { Expires: new Date(content.expiresAt), ExpiresString: new Date(content.expiresAt).toUTCString() }),
    Metadata: { ...content.metadata },
    ...(content.storageClass === 'STANDARD' ? {} : { StorageClass: content.storageClass as 'STANDARD' }),
    ...(content.tags.length === 0 ? {} : { TagCount: content.tags.length }),
    ...encryptionOut(content.encryption),
  };
};
