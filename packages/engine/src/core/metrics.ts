import { parseArn } from '@holdfast/aws-model';
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
  accepts(target: LogGroupPlace, sender: Sender): boolean;
  /** Whether there is such a group. */
  hasGroup(group: LogGroupPlace): boolean;
}

export type LogGroupPlace = Omit<LogTarget, 'stream'>;

export interface LogTarget {
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

/** The log group of an ARN, `:*` at its end or not; `undefined` when it is none. */
export const logGroupOf = (arn: string): LogGroupPlace | undefined => {
  const parsed = parseArn(arn);
  const group = /^log-group:([^:]+)(?::\*)?$/.exec(parsed?.resource ?? '')?.[1];
  if (parsed?.service !== 'logs' || group === undefined) return undefined;
  return { account: parsed.account, region: parsed.region, group };
};
