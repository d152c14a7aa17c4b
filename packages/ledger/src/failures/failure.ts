import type { Attributes } from '../way-back.ts';
import type { FormRow } from './body-form.ts';
import type { TraceSpan } from './trace-spans.ts';

/** What kind of thing gave an event up. */
export type SourceKind =
  | 'queue'
  | 'function'
  | 'rule'
  | 'schedule'
  | 'subscription'
  | 'pipe'
  | 'stream'
  | 'state machine'
  | 'archive'
  | 'unknown';

/** Who gave an event up. */
export interface FailureSource {
  readonly kind: SourceKind;
  /** Empty where nothing says who it was. */
  readonly arn: string;
  /** As people know it: `csv-parser`. */
  readonly name: string;
}

/** Where a failure is kept: it can be read there, and is gone from there when it was brought back. */
export type FailurePlace =
  | { readonly kind: 'queue'; readonly arn: string; readonly messageId: string }
  | {
      readonly kind: 'object';
      readonly bucket: string;
      readonly key: string;
      /** Of a ledger: the queue that it was taken from. */
      readonly queueArn?: string;
    }
  | { readonly kind: 'execution'; readonly arn: string };

/** new: seen for less than a day; regressed: it came again after it was resolved. */
export type FailureState = 'new' | 'ongoing' | 'resolved' | 'regressed' | 'muted';

/** Why a failure is in its group. */
export interface FailureFingerprint {
  /** The same for failures of one kind; begins with the version of the rules. */
  readonly key: string;
  /** Who said it and what, without what differs from failure to failure. */
  readonly reason: string;
  /** In words: what was masked, or which rule of the user's decided. */
  readonly because: string;
}

/** One event that was given up. Times are ISO 8601, UTC. */
export interface Failure {
  /** Stays the same as long as the failure lies where it lies. */
  readonly id: string;
  readonly source: FailureSource;
  readonly place: FailurePlace;
  /** Why it was given up, in the words of who did: `RetriesExhausted`, `MaxReceiveCount`. */
  readonly condition: string;
  /** What it is about: the object, the records, the queue it came from. */
  readonly about: string;
  /** Empty where nobody says. */
  readonly error: string;
  readonly stack?: string;
  /** Tries before it was given up. */
  readonly attempts: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** When its retention ends, and with it the failure; absent where nothing ends it or nobody tells. */
  readonly expiresAt?: string;
  readonly functionVersion?: string;
  /** X-Ray's header as it was carried. */
  readonly trace?: string;
  /** Of a FIFO queue, or a fair one. */
  readonly groupId?: string;
  readonly body: string;
  /** Only its beginning is known; all of it is where the failure is kept. */
  readonly isBodyCut?: true;
  readonly attributes: Attributes;
  readonly fingerprint: FailureFingerprint;
  readonly state: FailureState;
}

/** Failures of one fingerprint. */
export interface FailureGroup {
  readonly fingerprint: FailureFingerprint;
  readonly state: FailureState;
  readonly failures: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly sources: readonly FailureSource[];
  /** Id of its youngest failure. */
  readonly example: string;
  /** When the first of them is gone. */
  readonly expiresAt?: string;
}

/** Which failures are meant; what is left out excludes none. */
export interface FailureQuery {
  /** ISO 8601; those last seen then or later. */
  readonly from?: string;
  /** ISO 8601; those last seen before. */
  readonly until?: string;
  /** A part of the source's name or ARN, whatever the case. */
  readonly source?: string;
  readonly sourceKind?: SourceKind;
  /** ARN of the queue they lie in. */
  readonly queueArn?: string;
  /** Key of a fingerprint. */
  readonly fingerprint?: string;
  readonly state?: FailureState;
  /** Contained in error, condition, about, id or body, whatever the case. */
  readonly text?: string;
  /** `vendor.id=VEND001`: values at paths of the JSON body, all of them. */
  readonly where?: readonly string[];
}

export interface FailurePage {
  /** Youngest first. */
  readonly failures: readonly Failure[];
  /** Where the next page begins. */
  readonly next?: string;
}

/** How far the ledger has read a queue. */
export interface QueueReading {
  readonly arn: string;
  readonly read: number;
  readonly of: number;
}

/** How many failures a query means, exactly: of those that were read. */
export interface FailureTotals {
  readonly failures: number;
  readonly groups: number;
  readonly bySource: readonly { readonly source: FailureSource; readonly failures: number }[];
  readonly byState: Readonly<Record<FailureState, number>>;
  /** When the first of them is gone. */
  readonly expiresAt?: string;
  /** Sources that could not be asked, and why, in words: what they hold is not counted. */
  readonly unasked: readonly string[];
  /** Present while the ledger still reads: its queues as far as they are known, and how far it is in each. */
  readonly reading?: readonly QueueReading[];
}

/** When failures came, in rooms of time of the same length. */
export interface FailureArrivals {
  /** ISO 8601: when the first room begins. */
  readonly from: string;
  readonly roomMs: number;
  /** Counts by room, of those with the most failures; the last one may stand for all the others. */
  readonly series: readonly { readonly name: string; readonly counts: readonly number[] }[];
}

/** Something that happened to the event of a failure, in the order of time. */
export interface FailureMoment {
  readonly at: string;
  readonly kind:
    | 'sent'
    | 'received'
    | 'started'
    | 'error'
    | 'timeout'
    | 'throttle'
    | 'log'
    | 'given up'
    | 'redriven'
    | 'gone';
  readonly text: string;
}

/** All that can be told of one failure. */
export interface Explanation {
  readonly failure: Failure;
  /** One paragraph for people. */
  readonly summary: string;
  readonly moments: readonly FailureMoment[];
  /** Log lines that name the event. */
  readonly logs: readonly { readonly at: string; readonly logGroup: string; readonly text: string }[];
  /** Where it would go back to, or why nowhere. */
  readonly wayBack: { readonly arn: string; readonly because: string } | { readonly reason: string };
  /** What X-Ray recorded of it, each piece after the one that contains it; empty where it was not traced. */
  readonly trace: readonly TraceSpan[];
  /** What this body has that those of its group mostly have not, and the other way round. */
  readonly bodyDifferences: readonly string[];
  /** Each path of the body whose type differs from failure to failure. */
  readonly form: readonly FormRow[];
}

/** Ends by itself: no group is muted for ever. At least one of both. */
export interface Mute {
  /** ISO 8601. */
  readonly until?: string;
  /** Speaks again when the group has more failures than that. */
  readonly untilFailures?: number;
  readonly reason: string;
}
