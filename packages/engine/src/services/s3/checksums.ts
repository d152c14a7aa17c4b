import { base64OfBytes, bytesOfBase64, bytesOfHex, type Digest, hexOfBytes, joinBytes } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import { crc32, crc32c, crc64nvme } from './crc.ts';
import { invalidRequest } from './errors.ts';

/** The checksum algorithms that are verified here; S3's newer ones (SHA512, XXHASH...) are refused by name. */
export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** Input members that carry a checksum, for operation tables. */
export const CHECKSUM_MEMBERS = [
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const;

export type ChecksumInput = { readonly [Member in (typeof CHECKSUM_MEMBERS)[number]]?: string | undefined };

export interface StoredChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; `...-n` when composed from the checksums of n parts. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

const BYTES_OF: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

/** Bytes of a base64 text; `undefined` when it is none. */
export const base64Bytes = (text: string): Uint8Array | undefined =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) ? bytesOfBase64(text) : undefined;

/** Computes a checksum over consecutive pieces, base64. */
export const computeChecksum = (
  algorithm: ChecksumAlgorithm,
  pieces: readonly Uint8Array[],
  digest: Digest,
): string => {
  const whole = (): Uint8Array => (pieces.length === 1 ? (pieces[0] as Uint8Array) : joinBytes(pieces));
  switch (algorithm) {
    case 'CRC32':
      return base64OfBytes(crc32(pieces));
    case 'CRC32C':
      return base64OfBytes(crc32c(pieces));
    case 'CRC64NVME':
      return base64OfBytes(crc64nvme(pieces));
    case 'SHA1':
      return base64OfBytes(bytesOfHex(digest.hex('sha1', whole())));
    case 'SHA256':
      return digest.sha256Base64(whole());
  }
};

/** The one checksum that a request carries, checked for form only. */
export const checksumIn = (
  input: ChecksumInput,
): { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined => {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => input[`Checksum${algorithm}`] !== undefined);
  if (given.length > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  const algorithm = given[0];
  if (algorithm === undefined) return undefined;
  return { algorithm, value: input[`Checksum${algorithm}`] as string };
};

const mustBeWellFormed = (algorithm: ChecksumAlgorithm, value: string): void => {
  if (base64Bytes(value)?.length !== BYTES_OF[algorithm]) {
    throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
  }
};

/** Refuses a name that is no algorithm, or one that is not verified here. */
export const checksumAlgorithm = (name: string | undefined): ChecksumAlgorithm | undefined => {
  if (name === undefined) return undefined;
  const upper = name.toUpperCase() as ChecksumAlgorithm;
  if (CHECKSUM_ALGORITHMS.includes(upper)) return upper;
  throw invalidRequest(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(', ')}]`,
  );
};

/**
 * Verifies what the client sent against the bytes. Without a checksum in the request S3 computes one itself: the
 * algorithm asked for, else CRC64NVME.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
export const verifyChecksum = (
  input: ChecksumInput,
  requested: string | undefined,
  bytes: Uint8Array,
  digest: Digest,
  fallback: ChecksumAlgorithm = 'CRC64NVME',
): StoredChecksum => {
  const given = checksumIn(input);
  if (given !== undefined) mustBeWellFormed(given.algorithm, given.value);
  const algorithm = given?.algorithm ?? checksumAlgorithm(requested) ?? fallback;
  const value = computeChecksum(algorithm, [bytes], digest);
  if (given !== undefined && given.value !== value) {
    throw new ServiceError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, 400);
  }
  return { algorithm, value, type: 'FULL_OBJECT' };
};

/** Verifies `Content-MD5` (base64) against the body's md5 in hexadecimal. Of a part, what was expected is told as it was given. */
export const verifyContentMd5 = (contentMd5: string | undefined, md5Hex: string, isPart = false): void => {
  if (contentMd5 === undefined) return;
  const bytes = base64Bytes(contentMd5);
  if (bytes?.length !== 16) {
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, {
      'Content-MD5': contentMd5,
    });
  }
  const expectedHex = hexOfBytes(bytes);
  if (expectedHex !== md5Hex) {
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400, {
      ExpectedDigest: isPart ? contentMd5 : expectedHex,
      CalculatedDigest: base64OfBytes(bytesOfHex(md5Hex)),
    });
  }
};

/** The output members for a stored checksum. */
export const checksumOut = (
  checksum: StoredChecksum | undefined,
): ChecksumInput & { readonly ChecksumType?: 'FULL_OBJECT' | 'COMPOSITE' } =>
  checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };
