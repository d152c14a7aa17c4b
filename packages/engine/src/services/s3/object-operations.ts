import type * as Sdk from '@aws-sdk/client-s3';
import type {
  CopyObjectCommandInput,
  DeleteObjectCommandInput,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
  GetObjectCommandInput,
  HeadObjectCommandInput,
  PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { type EpochMs, utf8Bytes } from '@holdfast/kernel';
import {
  type Operations,
  operation,
  type RequestContext,
  refuseUnmodelled,
  ServiceError,
  type WithBody,
} from '../../core/index.ts';
import { type Bucket, isObject } from './bucket.ts';
import { acceptCannedAcl } from './canned-acl.ts';
import {
  CHECKSUM_MEMBERS,
  checksumAlgorithm,
  checksumOut,
  computeChecksum,
  verifyChecksum,
  verifyContentMd5,
} from './checksums.ts';
import { findCopySource } from './copy-source.ts';
import {
  headerNotImplemented,
  invalidArgument,
  invalidRequest,
  malformedXml,
  noSuchKey,
  noSuchVersion,
  preconditionFailed,
} from './errors.ts';
import { expirationOut } from './lifecycle-expiration.ts';
import { checkVersionId, isVersionId, mustBeReadable, objectVersion } from './lookup.ts';
import {
  ATTRIBUTE_MEMBERS,
  checkKey,
  checkStorageClass,
  describe,
  encryptionOut,
  readAttributes,
  versionOut,
} from './object-attributes.ts';
import { checkObjectKey } from './object-encryption.ts';
import { createObject, deleteObject } from './object-writer.ts';
import { checkCopyConditions, checkReadConditions, checkWriteConditions } from './preconditions.ts';
import { type ByteRange, readRange } from './range.ts';
import type { ObjectVersion } from './stored.ts';
import { readTagHeader } from './tags.ts';
import { bucketOf, type S3Wiring } from './wiring.ts';

export const bytesOf = (body: Uint8Array | string | undefined): Uint8Array =>
  typeof body === 'string' ? utf8Bytes(body) : (body ?? new Uint8Array());

/** One PutObject. */
const OBJECT_BYTES_MAX = 5 * 2 ** 30;
const DELETE_OBJECTS_MAX = 1_000;

const READ_MEMBERS = [
  'Bucket',
  'Key',
  'IfMatch',
  'IfNoneMatch',
  'IfModifiedSince',
  'IfUnmodifiedSince',
  'Range',
  'PartNumber',
  'VersionId',
  'ChecksumMode',
  'ExpectedBucketOwner',
  'ResponseCacheControl',
  'ResponseContentDisposition',
  'ResponseContentEncoding',
  'ResponseContentLanguage',
  'ResponseContentType',
  'ResponseExpires',
] as const;

/** What part of an object is asked for, by range or by part number. */
const rangeOf = (
  input: { readonly Range?: string | undefined; readonly PartNumber?: number | undefined },
  version: ObjectVersion,
): { readonly range: ByteRange | undefined; readonly partsCount?: number } => {
  const { content } = version;
  const number = input.PartNumber;
  if (number === undefined) return { range: readRange(input.Range, content.size) };
  if (input.Range !== undefined) {
    throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  }
  const sizes = content.parts?.map((part) => part.size) ?? [content.size];
  if (number < 1 || number > sizes.length) {
    throw new ServiceError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      PartNumberRequested: String(number),
      ActualPartCount: String(sizes.length),
    });
  }
  const start = sizes.slice(0, number - 1).reduce((sum, size) => sum + size, 0);
  const end = start + (sizes[number - 1] as number) - 1;
  return {
    range: end < start ? undefined : { start, end },
    ...(content.parts === undefined ? {} : { partsCount: sizes.length }),
  };
};

const FORM_UPLOAD = { event: 'Post', action: 'PostObject' };

const overrides = (input: GetObjectCommandInput) => ({
  ...(input.ResponseCacheControl === undefined ? {} : { CacheControl: input.ResponseCacheControl }),
  ...(input.ResponseContentDisposition === undefined ? {} : { ContentDisposition: input.ResponseContentDisposition }),
  ...(input.ResponseContentEncoding === undefined ? {} : { ContentEncoding: input.ResponseContentEncoding }),
  ...(input.ResponseContentLanguage === undefined ? {} : { ContentLanguage: input.ResponseContentLanguage }),
  ...(input.ResponseContentType === undefined ? {} : { ContentType: input.ResponseContentType }),
  ...(input.ResponseExpires === undefined
    ? {}
    : { Expires: input.ResponseExpires, ExpiresString: input.ResponseExpires.toUTCString() }),
});

/** The checksum of a whole object, or of the part that was asked for by its number. */
const shownChecksum = ({ content }: ObjectVersion, partNumber: number | undefined, isWhole: boolean) => {
  const { checksum, parts } = content;
  if (partNumber === undefined || checksum?.type !== 'COMPOSITE') return isWhole ? checksumOut(checksum) : {};
  return { ...checksumOut(parts?.[partNumber - 1]?.checksum), ChecksumType: checksum.type };
};

/** No bucket here has Object Lock. */
const refuseBypass = (given: boolean | undefined): void => {
  if (given === undefined) return;
  const header = 'x-amz-bypass-governance-retention';
  throw invalidArgument(`${header} is only applicable to Object Lock enabled buckets.`, header);
};

const placeOf = ({ settings: { name, region } }: Bucket, key: string) => ({ bucket: name, key, region });

/** Objects: writing, reading, copying, deleting. */
export const objectOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
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
    acceptCannedAcl(input.ACL, 'PutObject');
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

  const read = (input: GetObjectCommandInput, method: 'GET' | 'HEAD', now: EpochMs) => {
    const bucket = bucketOf(wiring, input);
    const version = objectVersion(bucket, input.Key ?? '', input.VersionId, method);
    checkReadConditions(input, version, now);
    if (method === 'GET') mustBeReadable(version);
    const { range, partsCount } = rangeOf(input, version);
    const { size } = version.content;
    const [start, end] = range === undefined ? [0, size - 1] : [range.start, range.end];
    const isWhole = start === 0 && end === size - 1;
    const showsChecksum = input.ChecksumMode?.toUpperCase() === 'ENABLED';
    const answer = {
      ...describe(bucket, version),
      ...(showsChecksum ? shownChecksum(version, input.PartNumber, isWhole) : {}),
      ...(input.VersionId === undefined ? expirationOut(bucket, version) : {}),
      ContentLength: end - start + 1,
      ...(range === undefined ? {} : { ContentRange: `bytes ${start}-${end}/${size}` }),
      ...(partsCount === undefined ? {} : { PartsCount: partsCount }),
      ...overrides(input),
    };
    return { answer, version, start, end };
  };

  const getObject = (input: GetObjectCommandInput, context: RequestContext) => {
    const { answer, version, start, end } = read(input, 'GET', context.now);
    const place = placeOf(bucketOf(wiring, input), version.key);
    checkObjectKey(wiring, place, version.content.encryption, 'kms:Decrypt', context);
    return { ...answer, Body: table.readBytes(version.content.segments, start, end) };
  };

  const headObject = (input: HeadObjectCommandInput, { now }: RequestContext) => {
    try {
      return read(input, 'HEAD', now).answer;
    } catch (error) {
      // An answer without body has no code: clients see the status only.
      if (error instanceof ServiceError && error.status === 404) {
        throw new ServiceError('NotFound', 'Not Found', 404, error.members);
      }
      throw error;
    }
  };

  const copyObject = (input: CopyObjectCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const key = checkKey(input.Key);
    const source = findCopySource(input.CopySource, input.ExpectedSourceBucketOwner, wiring);
    const original = source.version.content;
    acceptCannedAcl(input.ACL, 'CopyObject');
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

  const remove = (bucket: Bucket, key: string, versionId: string | undefined, context: RequestContext) => {
    const wanted = versionId === undefined ? undefined : checkVersionId(versionId);
    return deleteObject(bucket, key, wanted, context, wiring);
  };

  /** Conditional deletes compare the ETag of what would go. */
  const checkDeleteCondition = (bucket: Bucket, key: string, etag: string | undefined): void => {
    if (etag === undefined) return;
    const newest = bucket.newest(key);
    if (!isObject(newest)) {
      if (etag === '*') throw preconditionFailed('If-Match');
      throw noSuchKey(key);
    }
    if (etag !== '*' && etag.replace(/^"|"$/g, '') !== newest.content.etag) throw preconditionFailed('If-Match');
  };

  const deleteOne = (input: DeleteObjectCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    refuseBypass(input.BypassGovernanceRetention);
    // Conditions of directory buckets.
    if (input.IfMatchLastModifiedTime !== undefined) throw headerNotImplemented('x-amz-if-match-last-modified-time');
    if (input.IfMatchSize !== undefined) throw headerNotImplemented('x-amz-if-match-size');
    const key = checkKey(input.Key);
    checkDeleteCondition(bucket, key, input.IfMatch);
    const gone = remove(bucket, key, input.VersionId, context);
    if (gone === undefined) return input.VersionId === undefined ? {} : { VersionId: input.VersionId };
    return {
      ...(isObject(gone) ? {} : { DeleteMarker: true }),
      ...(input.VersionId === undefined && isObject(gone) ? {} : versionOut(bucket, gone.versionId)),
    };
  };

  const deleteMany = (input: DeleteObjectsCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    refuseBypass(input.BypassGovernanceRetention);
    refuseUnmodelled(input.Delete ?? {}, ['Objects', 'Quiet'], 'Delete');
    const objects = input.Delete?.Objects ?? [];
    if (objects.length === 0 || objects.length > DELETE_OBJECTS_MAX) throw malformedXml();
    for (const identifier of objects) refuseUnmodelled(identifier, ['Key', 'VersionId', 'ETag'], 'Delete.Objects');
    const deleted: NonNullable<DeleteObjectsCommandOutput['Deleted']> = [];
    const errors: NonNullable<DeleteObjectsCommandOutput['Errors']> = [];
    for (const { Key: key = '', VersionId: versionId, ETag: etag } of objects) {
      const named = { Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
      try {
        checkKey(key);
        // In a list, a version id that cannot be is one that is not there.
        if (versionId !== undefined && !isVersionId(versionId)) throw noSuchVersion(key, versionId);
        checkDeleteCondition(bucket, key, etag);
        const gone = remove(bucket, key, versionId, context);
        const isMarker = gone !== undefined && !isObject(gone);
        deleted.push({
          ...named,
          ...(isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: gone.versionId } : {}),
        });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        errors.push({ ...named, Code: error.code, Message: error.message });
      }
    }
    return {
      ...(input.Delete?.Quiet === true ? {} : { Deleted: deleted }),
      ...(errors.length === 0 ? {} : { Errors: errors }),
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
    GetObject: operation([...READ_MEMBERS], getObject),
    HeadObject: operation([...READ_MEMBERS], headObject),
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
    DeleteObject: operation(
      [
        'Bucket',
        'Key',
        'VersionId',
        'IfMatch',
        'IfMatchLastModifiedTime',
        'IfMatchSize',
        'BypassGovernanceRetention',
        'ExpectedBucketOwner',
      ],
      deleteOne,
    ),
    DeleteObjects: operation(
      ['Bucket', 'Delete', 'BypassGovernanceRetention', 'ExpectedBucketOwner', 'ChecksumAlgorithm'],
      deleteMany,
    ),
  };
};

/** Writes name a version only while versioning is enabled. */
export const writtenVersion = (bucket: Bucket, version: ObjectVersion): { readonly VersionId?: string } =>
  bucket.settings.versioning === 'Enabled' ? { VersionId: version.versionId } : {};
