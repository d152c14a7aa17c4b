import type { CompleteMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import {
  type ChecksumAlgorithm,
  type ChecksumInput,
  checksumAlgorithm,
  checksumIn,
  type StoredChecksum,
  verifyChecksum,
} from './checksums.ts';
import { conditionalConflict, invalidArgument, invalidRequest } from './errors.ts';
import type { Upload } from './upload-table.ts';
import type { S3Wiring } from './wiring.ts';

const PART_NUMBER_MAX = 10_000;

/** Composite is the default of every algorithm but CRC64NVME, which is never composite; SHA is never over the whole. */
export const checksumTypeFor = (
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

/** @throws ServiceError InvalidArgument */
export const checkPartNumber = (number: number | undefined): number => {
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
export const partChecksum = (
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

/** With a condition, an upload completes only while nobody else has touched its key since it began. */
export const checkUndisturbed = (
  { IfMatch, IfNoneMatch }: CompleteMultipartUploadCommandInput,
  { facts: { key, startedAfter } }: Upload,
  newest: number,
): void => {
  const condition = IfMatch !== undefined ? 'If-Match' : IfNoneMatch !== undefined ? 'If-None-Match' : undefined;
  if (condition === undefined || startedAfter === undefined || startedAfter === newest) return;
  throw conditionalConflict(condition, key);
};
