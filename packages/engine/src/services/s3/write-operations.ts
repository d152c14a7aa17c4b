import type * as Sdk from '@aws-sdk/client-s3';
import type { CopyObjectCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { utf8Bytes } from '@holdfast/kernel';
import { type Operations, operation, type RequestContext, ServiceError, type WithBody } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import { acceptObjectAcl } from './canned-acl.ts';
import {
  CHECKSUM_MEMBERS,
  checksumAlgorithm,
  checksumOut,
  computeChecksum,
  verifyChecksum,
  verifyContentMd5,
} from './checksums.ts';
import { findCopySource } from './copy-source.ts';
import { invalidRequest } from './errors.ts';
import { expirationOut } from './lifecycle-expiration.ts';
import { mustBeReadable } from './lookup.ts';
import {
  ATTRIBUTE_MEMBERS,
  checkKey,
  checkStorageClass,
  encryptionOut,
  readAttributes,
  versionOut,
} from './object-attributes.ts';
import { checkObjectKey, placeOf } from './object-encryption.ts';
import { createObject } from './object-writer.ts';
import { checkCopyConditions, checkWriteConditions } from './preconditions.ts';
import type { ObjectVersion } from './stored.ts';
import { readTagHeader } from './tags.ts';
import { bucketOf, type S3Wiring } from './wiring.ts';

/** One PutObject. */
const OBJECT_BYTES_MAX = 5 * 2 ** 30;
const FORM_UPLOAD = { event: 'Post', action: 'PostObject' };

export const bytesOf = (body: Uint8Array | string | undefined): Uint8Array =>
  typeof body === 'string' ? utf8Bytes(body) : (body ?? new Uint8Array());

/** Writes name a version only while versioning is enabled. */
export const writtenVersion = (bucket: Bucket, version: ObjectVersion): { readonly VersionId?: string } =>
  bucket.settings.versioning === 'Enabled' ? { VersionId: version.versionId } : {};

/** Writing objects: from a body, from a form, from another object. */
export const writeOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const { table, environment } = wiring;

  const putObject = (input: WithBody<PutObjectCommandInput>, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const key = checkKey(input.Key);
    const bytes = bytesOf(input.Body);
    if (bytes.length > OBJECT_BYTES_MAX) {
      throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
        ProposedSize: String(bytes.length),
        MaxSizeAllowed: String(OBJECT_BYTES_MAX),
      });
    }
    acceptObjectAcl(input.ACL, bucket, 'PutObject');
    const attributes = readAttributes(input, bucket, environment.keys);
    const etag = environment.digest.md5Hex(bytes);
    verifyContentMd5(input.ContentMD5, etag);
    const checksum = verifyChecksum(input, input.ChecksumAlgorithm, bytes, environment.digest);
    checkWriteConditions(input, key, bucket.newest(key));
    checkObjectKey(wiring, placeOf(bucket, key), attributes.encryption, 'kms:GenerateDataKey', context);
    const content = { ...attributes, etag, size: bytes.length, segments: [table.storeBytes(bytes)], checksum };
    const cause = context.isForm === true ? FORM_UPLOAD : { event: 'Put', action: 'PutObject' };
    const version = createObject(bucket, key, content, cause, context, wiring);
    return {
      ETag: `"${etag}"`,
      ...checksumOut(checksum),
      ...encryptionOut(content.encryption),
      ...writtenVersion(bucket, version),
      ...expirationOut(bucket, version),
    };
  };

  const copyObject = (input: CopyObjectCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const key = checkKey(input.Key);
    const source = findCopySource(input.CopySource, input.ExpectedSourceBucketOwner, wiring);
    const original = source.version.content;
    acceptObjectAcl(input.ACL, bucket, 'CopyObject');
    checkCopyConditions(input, source.version, context.now);
    mustBeReadable(source.version);
    checkWriteConditions(input, key, bucket.newest(key));
    const replacesMetadata = input.MetadataDirective === 'REPLACE';
    const changesNothing =
      !replacesMetadata &&
      input.StorageClass === undefined &&
      input.WebsiteRedirectLocation === undefined &&
      input.ServerSideEncryption === undefined &&
      // The copy is encrypted anew: as the request says, or else the bucket.
      original.encryption.algorithm === 'AES256' &&
      bucket.settings.configurations['encryption'] === undefined &&
      !source.namedVersion;
    if (source.bucket === bucket && source.version.key === key && changesNothing) {
      throw invalidRequest(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const fresh = readAttributes({ ...input, Tagging: undefined }, bucket, environment.keys);
    checkObjectKey(wiring, placeOf(source.bucket, source.version.key), original.encryption, 'kms:Decrypt', context);
    checkObjectKey(wiring, placeOf(bucket, key), fresh.encryption, 'kms:GenerateDataKey', context);
    const bytes = table.readAll(original);
    const etag = environment.digest.md5Hex(bytes);
    const algorithm = checksumAlgorithm(input.ChecksumAlgorithm) ?? original.checksum?.algorithm ?? 'CRC64NVME';
    const value = computeChecksum(algorithm, [bytes], environment.digest);
    const content = {
      ...(replacesMetadata
        ? fresh
        : { headers: original.headers, expiresAt: original.expiresAt, metadata: original.metadata }),
      ...(input.WebsiteRedirectLocation === undefined || replacesMetadata
        ? {}
        : { headers: { ...original.headers, WebsiteRedirectLocation: input.WebsiteRedirectLocation } }),
      tags: input.TaggingDirective === 'REPLACE' ? readTagHeader(input.Tagging) : original.tags,
      storageClass: checkStorageClass(input.StorageClass),
      encryption: fresh.encryption,
      etag,
      size: bytes.length,
      segments: [table.storeBytes(bytes)],
      checksum: { algorithm, value, type: 'FULL_OBJECT' as const },
    };
    const version = createObject(bucket, key, content, { event: 'Copy', action: 'CopyObject' }, context, wiring);
    return {
      CopyObjectResult: {
        ETag: `"${etag}"`,
        LastModified: new Date(version.lastModified),
        ...checksumOut(content.checksum),
      },
      ...(source.bucket.settings.versioning === undefined ? {} : { CopySourceVersionId: source.version.versionId }),
      ...encryptionOut(content.encryption),
      ...versionOut(bucket, version.versionId),
      ...expirationOut(bucket, version),
    };
  };

  return {
    PutObject: operation(
      [
        ...ATTRIBUTE_MEMBERS,
        ...CHECKSUM_MEMBERS,
        'ACL',
        'Body',
        'Bucket',
        'Key',
        'ContentLength',
        'ContentMD5',
        'ChecksumAlgorithm',
        'IfMatch',
        'IfNoneMatch',
        'ExpectedBucketOwner',
      ],
      putObject,
    ),
    CopyObject: operation(
      [
        ...ATTRIBUTE_MEMBERS,
        'ACL',
        'Bucket',
        'Key',
        'ChecksumAlgorithm',
        'CopySource',
        'CopySourceIfMatch',
        'CopySourceIfModifiedSince',
        'CopySourceIfNoneMatch',
        'CopySourceIfUnmodifiedSince',
        'IfMatch',
        'IfNoneMatch',
        'MetadataDirective',
        'TaggingDirective',
        'ExpectedBucketOwner',
        'ExpectedSourceBucketOwner',
      ],
      copyObject,
    ),
  };
};
