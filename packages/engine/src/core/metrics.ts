import type { EpochMs } from '@holdfast/kernel';
import type { Sender } from './delivery.ts';

/** Takes data points that services emit about themselves. CloudWatch implements it. */
export interface MetricSink {
  /** Adds one value. O(1); data is aggregated per minute as it arrives. */
  record(point: MetricPoint): void;
}

export interface MetricPoint {
  readonly account: string;
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  /** Hand in the same object again where you can: series are found by its identity first. */
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  readonly value: number;
  /** CloudWatch unit: `Count`, `Milliseconds`, ... */
  readonly unit?: string | undefined;
  /** Kept per second as well as per minute (`StorageResolution` 1). */
  readonly isHighResolution?: boolean | undefined;
  readonly at: EpochMs;
}

/** Takes log lines that services write on behalf of functions. CloudWatch Logs implements it. */
export interface LogSink {
  /** Creates group and stream when they are missing. */
  append(target: LogTarget, events: readonly { readonly at: EpochMs; readonly message: string }[]): void;
  /** Whether a resource policy of the account lets a service write into the group. */
  accepts(target: Omit<LogTarget, 'stream'>, sender: Sender): boolean;
}

export interface LogTarget {
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}
