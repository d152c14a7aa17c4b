import type { Briefly, Digest, IdSource, Random } from '@holdfast/kernel';

/** What expressions may draw on besides their input: no clock or randomness of their own. */
export interface LanguageTools {
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly briefly: Briefly;
}

export const HASH_ALGORITHMS = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const;
export type HashAlgorithm = (typeof HASH_ALGORITHMS)[number];

export const hashHex = ({ digest }: LanguageTools, algorithm: HashAlgorithm, text: string): string =>
  digest.hex(algorithm.replace('-', '').toLowerCase() as Parameters<Digest['hex']>[0], text);
