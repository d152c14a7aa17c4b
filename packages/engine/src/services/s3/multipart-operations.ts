import type * as Sdk from '@aws-sdk/client-s3';
import type {
  AbortMultipartUploadCommandInput,
  CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommandInput,
  UploadPartCommandInput,
  UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import {
  type Operations,
  operation,
  type RequestContext,
  refuseUnmodelled,
  ServiceError,
  type WithBody,
} from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import { acceptObjectAcl } from './canned-acl.ts';
import {
  CHECKSUM_MEMBERS,
  checksumAlgorithm,
  checksumOut,
  type StoredChecksum,
  verifyContentMd5,
} from './checksums.ts';
import { findCopySource } from './copy-source.ts';
import { invalidRequest } from './errors.ts';
import { mustBeReadable } from './lookup.ts';
import { checkPartNumber, checksumTypeFor, checkUndisturbed, partChecksum } from './multipart-checks.ts';
import { checkMode, chooseParts, completeChecksum, completedBefore, multipartEtag } from './multipart-completion.ts';
import { ATTRIBUTE_MEMBERS, checkKey, encryptionOut, readAttributes } from './object-attributes.ts';
import { checkObjectKey, placeOf } from './object-encryption.ts';
import { createObject } from './object-writer.ts';
import { checkCopyConditions, checkWriteConditions } from './preconditions.ts';
import { readCopyRange } from './range.ts';
import type { ObjectContent, ObjectVersion, StoredPart } from './stored.ts';
import type { Upload } from './upload-table.ts';
import { bucketOf, type S3Wiring } from './wiring.ts';
import { bytesOf, writtenVersion } from './write-operations.ts';

/** The checksum members alone: parts have no checksum type. */
const valueOut = (checksum: StoredChecksum | undefined) => {
  const { ChecksumType: _, ...value } = checksumOut(checksum);
  return value;
};

/** Multipart uploads: creating, filling, completing, aborting. */
export const multipartOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const { table, uploads, environment } = wiring;

  const create = (input: CreateMultipartUploadCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const key = checkKey(input.Key);
    acceptObjectAcl(input.ACL, bucket, 'CreateMultipartUpload');
    const algorithm = checksumAlgorithm(input.ChecksumAlgorithm);
    const type = checksumTypeFor(algorithm, input.ChecksumType);
    const attributes = readAttributes(input, bucket, environment.keys);
    checkObjectKey(wiring, placeOf(bucket, key), attributes.encryption, 'kms:GenerateDataKey', context);
    const uploadId = environment.ids.hex(64);
    uploads.create({
      uploadId,
      bucket: bucket.settings.name,
      key,
      account: context.account,
      initiatedAt: context.now,
      startedAfter: bucket.newest(key)?.sequence ?? 0,
      attributes,
      checksumAlgorithm: algorithm,
      checksumType: type,
    });
    return {
      Bucket: bucket.settings.name,
      Key: key,
      UploadId: uploadId,
      ...encryptionOut(attributes.encryption),
      ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm, ChecksumType: type }),
    };
  };

  const store = (
    upload: Upload,
    number: number,
    bytes: Uint8Array,
    kept: StoredChecksum | undefined,
    now: number,
  ): StoredPart => {
    const part = {
      number,
      etag: environment.digest.md5Hex(bytes),
      segment: table.storeBytes(bytes),
      checksum: kept,
      lastModified: Math.floor(now / 1000) * 1000,
    };
    uploads.addPart(upload, part);
    return part;
  };

  const uploadPart = (input: WithBody<UploadPartCommandInput>, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const number = checkPartNumber(input.PartNumber);
    const upload = uploads.find(bucket.settings.name, input.Key, input.UploadId);
    const bytes = bytesOf(input.Body);
    verifyContentMd5(input.ContentMD5, environment.digest.md5Hex(bytes), true);
    const { shown, kept } = partChecksum(upload, input, input.ChecksumAlgorithm, bytes, wiring);
    const part = store(upload, number, bytes, kept, context.now);
    return { ETag: `"${part.etag}"`, ...valueOut(shown), ...encryptionOut(upload.facts.attributes.encryption) };
  };

  const uploadPartCopy = (input: UploadPartCopyCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const number = checkPartNumber(input.PartNumber);
    const upload = uploads.find(bucket.settings.name, input.Key, input.UploadId);
    const source = findCopySource(input.CopySource, input.ExpectedSourceBucketOwner, wiring);
    const { content } = source.version;
    checkCopyConditions(input, source.version, context.now);
    mustBeReadable(source.version);
    const { start, end } = readCopyRange(input.CopySourceRange, content.size) ?? { start: 0, end: content.size - 1 };
    // A part that shares memory with its source would keep all of it alive.
    const bytes = table.readBytes(content.segments, start, end).slice();
    const { kept } = partChecksum(upload, {}, undefined, bytes, wiring);
    const part = store(upload, number, bytes, kept, context.now);
    return {
      CopyPartResult: {
        ETag: `"${part.etag}"`,
        LastModified: new Date(part.lastModified),
        ...valueOut(kept),
      },
      ...(source.bucket.settings.versioning === undefined ? {} : { CopySourceVersionId: source.version.versionId }),
      ...encryptionOut(upload.facts.attributes.encryption),
    };
  };

  const completed = (bucket: Bucket, version: ObjectVersion, { host }: RequestContext) => {
    const { name } = bucket.settings;
    const { content, key } = version;
    return {
      Location: `${host === undefined ? environment.settings.endpoint : `http://${host}`}/${name}/${encodeURIComponent(key)}`,
      Bucket: name,
      Key: key,
      ETag: `"${content.etag}"`,
      ...checksumOut(content.checksum),
      ...encryptionOut(content.encryption),
      ...writtenVersion(bucket, version),
    };
  };

  const complete = (input: CompleteMultipartUploadCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const { name } = bucket.settings;
    refuseUnmodelled(input.MultipartUpload ?? {}, ['Parts'], 'MultipartUpload');
    const isOpen = uploads.get(input.UploadId ?? '') !== undefined;
    const done = isOpen ? undefined : completedBefore(bucket, input, environment.digest);
    if (done !== undefined) return completed(bucket, done, context);
    const upload = uploads.find(name, input.Key, input.UploadId);
    checkMode(upload, input.ChecksumType);
    const parts = chooseParts(upload, input.MultipartUpload?.Parts ?? []);
    const size = parts.reduce((sum, part) => sum + part.segment.size, 0);
    if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
      throw invalidRequest(
        `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
      );
    }
    const { key } = upload.facts;
    checkWriteConditions(input, key, bucket.newest(key));
    checkUndisturbed(input, upload, bucket.newest(key)?.sequence ?? 0);
    const read = (part: StoredPart): Uint8Array => table.readBytes([part.segment], 0, part.segment.size - 1);
    const checksum = completeChecksum(upload, parts, input, read, environment.digest);
    const content: ObjectContent = {
      ...upload.facts.attributes,
      etag: multipartEtag(parts, environment.digest),
      size,
      segments: parts.map((part) => part.segment),
      checksum,
      parts: parts.map((part) => ({ number: part.number, size: part.segment.size, checksum: part.checksum })),
      uploadId: upload.facts.uploadId,
    };
    uploads.close(upload, new Set(content.segments));
    const cause = { event: 'CompleteMultipartUpload', action: 'CompleteMultipartUpload' };
    return completed(bucket, createObject(bucket, key, content, cause, context, wiring), context);
  };

  const abort = (input: AbortMultipartUploadCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const upload = uploads.find(bucket.settings.name, input.Key, input.UploadId);
    if (
      input.IfMatchInitiatedTime !== undefined &&
      Math.floor(input.IfMatchInitiatedTime.getTime() / 1000) !== Math.floor(upload.facts.initiatedAt / 1000)
    ) {
      throw new ServiceError(
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
        412,
        { Condition: 'x-amz-if-match-initiated-time' },
      );
    }
    uploads.close(upload);
    return {};
  };

  return {
    CreateMultipartUpload: operation(
      [...ATTRIBUTE_MEMBERS, 'ACL', 'Bucket', 'Key', 'ChecksumAlgorithm', 'ChecksumType', 'ExpectedBucketOwner'],
      create,
    ),
    UploadPart: operation(
      [
        ...CHECKSUM_MEMBERS,
        'Body',
        'Bucket',
        'Key',
        'ContentLength',
        'ContentMD5',
        'ChecksumAlgorithm',
        'PartNumber',
        'UploadId',
        'ExpectedBucketOwner',
      ],
      uploadPart,
    ),
    UploadPartCopy: operation(
      [
        'Bucket',
        'Key',
        'CopySource',
        'CopySourceIfMatch',
        'CopySourceIfModifiedSince',
        'CopySourceIfNoneMatch',
        'CopySourceIfUnmodifiedSince',
        'CopySourceRange',
        'PartNumber',
        'UploadId',
        'ExpectedBucketOwner',
        'ExpectedSourceBucketOwner',
      ],
      uploadPartCopy,
    ),
    CompleteMultipartUpload: operation(
      [
        ...CHECKSUM_MEMBERS,
        'Bucket',
        'Key',
        'MultipartUpload',
        'UploadId',
        'ChecksumType',
        'MpuObjectSize',
        'IfMatch',
        'IfNoneMatch',
        'ExpectedBucketOwner',
      ],
      complete,
    ),
    AbortMultipartUpload: operation(
      ['Bucket', 'Key', 'UploadId', 'ExpectedBucketOwner', 'IfMatchInitiatedTime'],
      abort,
    ),
  };
};
