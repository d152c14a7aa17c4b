import type { EpochMs, TimerQueue } from '@holdfast/kernel';
import type { SourceRecord } from '../stream-source.ts';
import type { StreamOutcome, StreamRetryPolicy } from './stream-attempt.ts';
import type { OpenWindow, WindowClosing } from './stream-window.ts';

/** A record that passed the filters, as its batch hands it over. */
export interface LaneEntry {
  readonly sequenceNumber: string;
  readonly arrivedAt: EpochMs;
  /** The record as JSON. */
  readonly text: string;
  readonly bytes: number;
}

/** Why records were given up. Not the words of asynchronous events. */
export type StreamCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** The last attempt that reached the consumer. */
export interface LaneResponse {
  readonly requestId: string;
  readonly executedVersion: string;
  readonly isFunctionError: boolean;
}

/** What the function gets at a time. */
export interface LaneOffer {
  readonly entries: readonly LaneEntry[];
  /** With tumbling windows. */
  readonly window: OpenWindow | undefined;
  /** The window is handed over, and there are no entries. */
  readonly closing: WindowClosing | undefined;
}

export interface LaneSettings extends StreamRetryPolicy {
  readonly batchSize: number;
  readonly windowMs: number;
  /** Of a batch with everything around its records. */
  readonly batchBytesMax: number;
}

/** What a lane needs of the poller that it belongs to. */
export interface LaneHost {
  readonly settings: LaneSettings;
  readonly timers: TimerQueue;
  readonly isRunning: boolean;
  now(): EpochMs;
  read(after: string, max: number): readonly SourceRecord[];
  /** The record for the function; `undefined` when it is another lane's, done already, or filtered out. */
  entryOf(record: SourceRecord): LaneEntry | undefined;
  /** How long after its arrival a record may still be offered. */
  recordAgeMaxMs(): number;
  /** The shard is closed and this is its last sequence number. */
  endOfShard(): string | undefined;
  /** Offers entries to the function; `onDone` is called once, with the state that a window goes on with. */
  invoke(
    offer: LaneOffer,
    onDone: (outcome: StreamOutcome, response: LaneResponse | undefined, state?: string) => void,
  ): void;
  discard(
    entries: readonly LaneEntry[],
    condition: StreamCondition,
    attempts: number,
    response: LaneResponse | undefined,
  ): void;
  /** The lane's position or window has changed. */
  moved(): void;
  /** The lane has nothing in work any more. */
  idle(): void;
}
