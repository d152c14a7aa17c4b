import type * as Sdk from '@aws-sdk/client-s3';
import type { GetObjectCommandInput, HeadObjectCommandInput } from '@aws-sdk/client-s3';
import type { EpochMs } from '@holdfast/kernel';
import { type Operations, operation, type RequestContext, ServiceError } from '../../core/index.ts';
import { checksumOut } from './checksums.ts';
import { invalidRequest } from './errors.ts';
import { expirationOut } from './lifecycle-expiration.ts';
import { mustBeReadable, objectVersion } from './lookup.ts';
import { describe } from './object-attributes.ts';
import { checkObjectKey, placeOf } from './object-encryption.ts';
import { checkReadConditions } from './preconditions.ts';
import { type ByteRange, readRange } from './range.ts';
import type { ObjectVersion } from './stored.ts';
import { bucketOf, type S3Wiring } from './wiring.ts';

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

/** Reading objects: whole, by range or by part. */
export const readOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const { table } = wiring;

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

  return {
    GetObject: operation([...READ_MEMBERS], getObject),
    HeadObject: operation([...READ_MEMBERS], headObject),
  };
};
