import type { CompletedPart, CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { bytesOfHex, type Digest, joinBytes } from '@holdfast/kernel';
import { refuseUnmodelled, ServiceError } from '../../core/index.ts';
import { type Bucket, isObject } from './bucket.ts';
import {
  base64Bytes,
  CHECKSUM_MEMBERS,
  type ChecksumAlgorithm,
  type ChecksumInput,
  checksumIn,
  computeChecksum,
  type StoredChecksum,
} from './checksums.ts';
import { invalidRequest } from './errors.ts';
import { bareEtag } from './preconditions.ts';
import type { ObjectVersion, StoredPart } from './stored.ts';
import type { Upload } from './upload-table.ts';

/** Every part but the last must have this size at least. */
export const PART_BYTES_MIN = 5 * 2 ** 20;

const MD5_HEX = /^[0-9a-f]{32}$/;

const invalidPart = (uploadId: string, number: number, etag: string): ServiceError =>
  new ServiceError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
    { ETag: etag, PartNumber: String(number), UploadId: uploadId },
  );

/** Compares the checksum that the completing request names for a part with the one the part arrived with. */
const checkPartChecksum = (upload: Upload, part: StoredPart, named: CompletedPart, etag: string): void => {
  const { uploadId, checksumAlgorithm, checksumType } = upload.facts;
  const given = checksumIn(named);
  if (given === undefined) {
    if (checksumType !== 'COMPOSITE') return;
    throw invalidRequest(
      `The upload was created using a ${checksumAlgorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  }
  if (checksumAlgorithm !== undefined && given.algorithm !== checksumAlgorithm) {
    throw new ServiceError(
      'BadDigest',
      `The ${given.algorithm.toLowerCase()} you specified for part ${part.number} did not match what we received.`,
      400,
    );
  }
  if (part.checksum?.value !== given.value) throw invalidPart(uploadId, part.number, etag);
};

/**
 * The parts that a completing request names, in its order.
 *
 * @throws ServiceError when one is unknown, out of order, changed, or too small to stand before another
 */
export const chooseParts = (upload: Upload, named: readonly CompletedPart[]): readonly StoredPart[] => {
  const { uploadId } = upload.facts;
  if (named.length === 0) throw invalidRequest('You must specify at least one part');
  const chosen: StoredPart[] = [];
  for (const one of named) {
    refuseUnmodelled(one, ['ETag', 'PartNumber', ...CHECKSUM_MEMBERS], 'MultipartUpload.Parts');
    const number = one.PartNumber ?? 0;
    const last = chosen.at(-1);
    if (last !== undefined && number <= last.number) {
      throw new ServiceError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        400,
        { UploadId: uploadId },
      );
    }
    const part = upload.parts.get(number);
    const etag = bareEtag(one.ETag ?? '');
    if (part === undefined || part.etag !== etag) throw invalidPart(uploadId, number, etag);
    checkPartChecksum(upload, part, one, etag);
    chosen.push(part);
  }
  for (const part of chosen.slice(0, -1)) {
    if (part.segment.size >= PART_BYTES_MIN) continue;
    throw new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
      ETag: part.etag,
      MinSizeAllowed: String(PART_BYTES_MIN),
      PartNumber: String(part.number),
      ProposedSize: String(part.segment.size),
    });
  }
  return chosen;
};

/** The ETag of a multipart object: the md5 of the parts' md5s, and how many there were. */
export const multipartEtag = (parts: readonly { readonly etag: string }[], digest: Digest): string =>
  `${digest.md5Hex(bytesOfHex(parts.map((part) => part.etag).join('')))}-${parts.length}`;

/**
 * What an upload became, when it is completed again with the same parts: a caller that lost the first answer gets it once
 * more, whatever it asks besides, for as long as the object is there.
 */
export const completedBefore = (
  bucket: Bucket,
  { Key, UploadId, MultipartUpload }: CompleteMultipartUploadCommandInput,
  digest: Digest,
): ObjectVersion | undefined => {
  const version = bucket.versionsOf(Key ?? '').find(({ content }) => content?.uploadId === UploadId);
  if (UploadId === undefined || version === undefined || !isObject(version)) return undefined;
  const parts = (MultipartUpload?.Parts ?? []).map(({ ETag = '' }) => ({ etag: bareEtag(ETag) }));
  const isSame = parts.every(({ etag }) => MD5_HEX.test(etag)) && multipartEtag(parts, digest) === version.content.etag;
  return isSame ? version : undefined;
};

export const checkMode = (upload: Upload, requested: string | undefined): void => {
  const mode = upload.facts.checksumType;
  if (requested !== undefined && requested !== mode) {
    throw invalidRequest(
      `The upload was created using the ${mode ?? 'null'} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
};

/**
 * The checksum of the whole: composed from the parts' checksums, or computed over all bytes (`read` gives each part's).
 *
 * @throws ServiceError BadDigest when the completing request names another
 */
export const completeChecksum = (
  upload: Upload,
  parts: readonly StoredPart[],
  input: ChecksumInput & { readonly ChecksumType?: string | undefined },
  read: (part: StoredPart) => Uint8Array,
  digest: Digest,
): StoredChecksum => {
  const algorithm: ChecksumAlgorithm = upload.facts.checksumAlgorithm ?? 'CRC64NVME';
  const isComposite = upload.facts.checksumType === 'COMPOSITE';
  const pieces = isComposite
    ? [joinBytes(parts.map((part) => base64Bytes(part.checksum?.value ?? '') ?? new Uint8Array()))]
    : parts.map(read);
  const computed = computeChecksum(algorithm, pieces, digest);
  const value = isComposite ? `${computed}-${parts.length}` : computed;
  const given = checksumIn(input);
  if (given !== undefined && (given.algorithm !== algorithm || (given.value !== value && given.value !== computed))) {
    throw new ServiceError(
      'BadDigest',
      `The ${given.algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
      400,
    );
  }
  return { algorithm, value, type: isComposite ? 'COMPOSITE' : 'FULL_OBJECT' };
};
