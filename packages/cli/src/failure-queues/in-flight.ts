import { formatDuration } from '@holdfast/kernel';
import { queueHolders, SqsQueue } from '@holdfast/ledger';
import { jobStore } from '../redrive/open-operations.ts';
import type { Target } from '../target.ts';

/** Longest that SQS lets anybody have a message. */
const HELD_MAX_MS = 12 * 3_600_000;

/** What can be told of the messages of a queue that somebody has received and not deleted. */
export interface InFlight {
  /** Who reads the queue, in words; empty when nobody does that can be asked about. */
  readonly holders: readonly string[];
  /** ISO 8601: when the last of them is visible again; only an engine tells. */
  readonly visibleAgainBy?: string | undefined;
}

/** A queue that has messages in flight. */
interface Held {
  readonly name: string;
  readonly inFlight: number;
  readonly visibilityTimeoutSeconds: number;
  readonly held: InFlight;
}

/** Redrive jobs of this directory that work on the queue now. */
const jobsOn = async (queueArn: string): Promise<readonly string[]> => {
  const jobs = await jobStore(undefined).list();
  return jobs
    .filter(({ state, request }) => state === 'running' && request.from === queueArn)
    .map(({ jobId, moved, planned }) => `redrive job ${jobId} (${moved} of ${planned} moved)`);
};

/** Asks who has the messages of a queue, and until when; `unasked` names the services that did not answer. */
export const whoHolds = async (
  target: Target,
  url: string,
  isEngine: boolean,
): Promise<{ readonly held: InFlight; readonly unasked: readonly string[] }> => {
  const queue = await SqsQueue.open(target, url, isEngine);
  const [{ holders, unasked }, jobs, visibleAgainBy] = await Promise.all([
    queueHolders(target, queue.arn),
    jobsOn(queue.arn),
    queue.visibleAgainBy(),
  ]);
  return { held: { holders: [...holders, ...jobs], visibleAgainBy }, unasked };
};

/** Whole seconds, not too early. */
const secondsUntil = (at: string, now: number): string =>
  formatDuration(Math.max(0, Math.ceil((Date.parse(at) - now) / 1_000)) * 1_000);

/** In a sentence. */
export const inFlightText = (
  { name, inFlight, visibilityTimeoutSeconds, held: { holders, visibleAgainBy } }: Held,
  now: number,
): string => {
  const by = holders.length === 0 ? 'nothing known reads the queue' : `read by ${holders.join(', ')}`;
  const again =
    visibleAgainBy === undefined
      ? `${formatDuration(visibilityTimeoutSeconds * 1_000)} after they were received, unless whoever has them asked for more (${formatDuration(HELD_MAX_MS)} at most)`
      : `by ${visibleAgainBy} (in ${secondsUntil(visibleAgainBy, now)}), unless whoever has them asks for more`;
  return `${name}: ${inFlight} in flight, ${by}; visible again ${again}`;
};
