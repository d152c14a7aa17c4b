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
import { acceptCannedAcl } from './canned-acl.ts';
import {
  CHECKSUM_MEMBERS,
  type ChecksumAlgorithm,
  type ChecksumInput,
  checksumAlgorithm,
  checksumIn,
  checksumOut,
  type StoredChecksum,
  verifyChecksum,
  verifyContentMd5,
} from './checksums.ts';
import { findCopySource } from './copy-source.ts';
import { conditionalConflict, invalidArgument, invalidRequest } from './errors.ts';
import { mustBeReadable } from './lookup.ts';
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

const PART_NUMBER_MAX = 10_000;

/** Composite is the default of every algorithm but CRC64NVME, which is never composite; SHA is never over the whole. */
const checksumTypeFor = (
  algorithm: ChecksumAlgorithm | undefined,
  asked: string | undefined,
): StoredChecksum['type'] | undefined => {
  if (algorithm === undefined) {
    if (asked === undefined) return undefined;
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  const type = asked ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const fits =
    type === 'COMPOSITE' ? algorithm !== 'CRC64NVME' : type === 'FULL_OBJECT' && !algorithm.startsWith('SHA');
  if (!fits) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return type as StoredChecksum['type'];
};

const checkPartNumber = (number: number | undefined): number => {
  if (number === undefined || !Number.isInteger(number) || number < 1 || number > PART_NUMBER_MAX) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`,
      'partNumber',
      String(number),
    );
  }
  return number;
};

/** A part's checksum as the answer shows it, and as it is kept. */
const partChecksum = (
  upload: Upload,
  input: ChecksumInput,
  requested: string | undefined,
  bytes: Uint8Array,
  wiring: S3Wiring,
): { readonly shown: StoredChecksum | undefined; readonly kept: StoredChecksum | undefined } => {
  const { digest } = wiring.environment;
  const expected = upload.facts.checksumAlgorithm;
  const given = checksumIn(input)?.algorithm ?? checksumAlgorithm(requested);
  if (expected === undefined) {
    return { shown: given === undefined ? undefined : verifyChecksum(input, given, bytes, digest), kept: undefined };
  }
  if (given !== undefined && given !== expected) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${given.toLowerCase()}`,
    );
  }
  const checksum = verifyChecksum(input, expected, bytes, digest);
  return { shown: checksum, kept: checksum };
};

/** The checksum members alone: parts have no checksum type. */
const valueOut = (checksum: StoredChecksum | undefined) => {
  const { ChecksumType: _, ...value } = checksumOut(checksum);
  return value;
};

/** With a condition, an upload completes only while nobody else has touched its key since it began. */
const checkUndisturbed = (
  { IfMatch, IfNoneMatch }: CompleteMultipartUploadCommandInput,
  { facts: { key, startedAfter } }: Upload,
  newest: number,
): void => {
  const condition = IfMatch !== undefined ? 'If-Match' : IfNoneMatch !== undefined ? 'If-None-Match' : undefined;
  if (condition === undefined || startedAfter === undefined || startedAfter === newest) return;
  throw conditionalConflict(condition, key);
};

/** Multipart uploads: creating, filling, completing, aborting. */
export const multipartOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const { table, uploads, environment } = wiring;

  const create = (input: CreateMultipartUploadCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const key = checkKey(input.Key);
    acceptCannedAcl(input.ACL, 'CreateMultipartUpload');
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
