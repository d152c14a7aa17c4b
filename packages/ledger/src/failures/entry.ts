import type { DescribedFailure } from './describe-letter.ts';
import type { FailureFingerprint, FailureSource } from './failure.ts';

/** A failure as it is held: times as numbers, what is alike once. */
export interface Entry {
  readonly failure: DescribedFailure;
  readonly lastSeenMs: number;
  /** In the order in which the ledger came to know of them: what was last seen at the same time is told apart by it. */
  readonly sequence: number;
  readonly group: Group;
  isGone: boolean;
}

/** How many failures of a group are of one source; it stays known when they are gone. */
export interface OfSource {
  readonly source: FailureSource;
  failures: number;
}

/** Failures of one fingerprint, counted as they come and go. */
export interface Group {
  readonly fingerprint: FailureFingerprint;
  failures: number;
  firstSeenMs: number;
  lastSeenMs: number;
  readonly sources: Map<string, OfSource>;
  example: string;
  /** The soonest of any that ever was in it. */
  expiresMs: number;
}
