import type { FailureFingerprint } from '../failures/failure.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Describable, FingerprintRule } from './rules.ts';

export type FingerprintOf = (failure: Describable) => FailureFingerprint;

/** Different failures that are remembered; where every error is another one there is nothing to win. */
const REMEMBERED_MAX = 5_000;

/** Fingerprints by rules. Most failures of a bad hour say the same: what was masked once is not masked again, and is held once. */
export const rememberedFingerprints = (rules: readonly FingerprintRule[] = []): FingerprintOf => {
  const known = new Map<string, FailureFingerprint>();
  return (failure) => {
    const { sourceName = '', condition, error, stack = '' } = failure;
    const key = `${sourceName}\n${condition}\n${error}\n\n${stack}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const fingerprint = fingerprintOf(failure, rules);
    if (known.size >= REMEMBERED_MAX) known.clear();
    known.set(key, fingerprint);
    return fingerprint;
  };
};
