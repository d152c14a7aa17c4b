import type { Digest } from '@holdfast/kernel';
import { invalidArgument } from './errors.ts';

/** One past the greatest hash key. */
export const HASH_KEYS = 1n << 128n;

/** MD5 of the partition key, read as a number. */
export const hashKeyOf = (partitionKey: string, digest: Digest): bigint => BigInt(`0x${digest.md5Hex(partitionKey)}`);

/** @throws ServiceError InvalidArgumentException when the number is too great */
export const explicitHashKey = (text: string): bigint => {
  const key = BigInt(text);
  if (key >= HASH_KEYS) {
    throw invalidArgument(
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${text}`,
    );
  }
  return key;
};

/** First keys of `count` equal ranges. */
export const uniformStarts = (count: number): bigint[] =>
  Array.from({ length: count }, (_, index) => (HASH_KEYS / BigInt(count)) * BigInt(index));
