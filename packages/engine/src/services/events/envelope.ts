import type { EpochMs } from '@holdfast/kernel';

/** An event as rules match it and targets get it. */
export interface EventEnvelope {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, to the second. */
  readonly time: string;
  readonly region: string;
  /** Of the replay that has put it on its bus again. */
  readonly 'replay-name'?: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Time as it stands in an envelope: `2016-12-30T18:44:49Z`. */
export const envelopeTime = (at: EpochMs): string => {
  const date = new Date(at);
  return `${date.toISOString().slice(0, 19)}Z`;
};
