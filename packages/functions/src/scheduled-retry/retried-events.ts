import type { KnownErrorTypes } from '@holdfast/retry';

/** What is said of one event to people who hear that it is given up. */
export interface EventDescription {
  /** Heads the alert: `Upload VEND001/a.csv`; `undefined` for the message's id. */
  readonly name: string | undefined;
  /** Lines of the alert. */
  readonly lines: readonly string[];
  /** Message attributes of the alert, for filters of subscribers. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Members of the archived message. */
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** What kind of events a retry function brings back. */
export interface RetriedEvents {
  /** Said to the target (`retryMetadata.retrySource`) and in logs: the retry function's name. */
  readonly source: string;
  /** What one event is called: `Upload`. */
  readonly noun: string;
  /** Of the metrics, unless the environment names another. */
  readonly metricNamespace: string;
  /** What the target's errors mean, by their names. */
  readonly errorTypes: KnownErrorTypes;
  /** `undefined` for what the target could not read: it is kept and reported, and the target never gets it. */
  describe(event: Readonly<Record<string, unknown>>): EventDescription | undefined;
}

/** Events of any kind: whatever was in the queue goes to the target. */
export const anyEvents = (source: string): RetriedEvents => ({
  source,
  noun: 'Event',
  metricNamespace: 'Holdfast',
  errorTypes: {},
  describe: () => ({ name: undefined, lines: [], attributes: {}, evidence: {} }),
});
