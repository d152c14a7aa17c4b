import { hash } from 'node:crypto';
import type { Log } from '../log.ts';
import type { Envelope } from './envelope.ts';
import { IngestionError, SchemaValidationError } from './errors.ts';

/** What an operator breaks on purpose. */
export const FAILURE_MODES = [
  'none',
  'poison_payload',
  'slow_downstream',
  'random_fail_p30',
  'duplicate_submit',
] as const;

/** One of {@link FAILURE_MODES}. */
export type FailureMode = (typeof FAILURE_MODES)[number];

export interface FailureModeDeps {
  /** The parameter's value. */
  readonly read: () => Promise<string | undefined>;
  readonly now: () => number;
  readonly log: Pick<Log, 'warn'>;
  /** Who could not read asks again after that. */
  readonly retryMs: number;
}

/**
 * What is broken now. Neither a slip of an operator nor a parameter that is gone or throttled may become an outage: what is no
 * mode breaks nothing, and while it cannot be read the last mode goes on; the log tells both.
 */
export const failureModeFrom = ({ read, now, log, retryMs }: FailureModeDeps): (() => Promise<FailureMode>) => {
  let last: FailureMode = 'none';
  let askedAgainAt = Number.NEGATIVE_INFINITY;
  let warnedOf: string | undefined;
  return async () => {
    if (now() < askedAgainAt) return last;
    let given: string;
    try {
      given = (await read())?.trim() ?? '';
    } catch (error) {
      askedAgainAt = now() + retryMs;
      log.warn('failure mode not read: the last one goes on', { mode: last, error: String(error) });
      return last;
    }
    const known = FAILURE_MODES.find((mode) => mode === given);
    if (known === undefined && given !== warnedOf) {
      log.warn('no failure mode, so nothing is broken', { given, modes: FAILURE_MODES });
    }
    warnedOf = known === undefined ? given : undefined;
    last = known ?? 'none';
    return last;
  };
};

const RANDOM_FAIL_SHARE = 0.3;

/** From 0 to 1; the same for the same words. */
const shareOf = (words: string): number => Number.parseInt(hash('sha256', words, 'hex').slice(0, 12), 16) / 2 ** 48;

export interface Breakage {
  readonly mode: FailureMode;
  /** The same seed fails the same tries of the same events; without one it is chance. */
  readonly seed: string | undefined;
  readonly random: () => number;
  /** Waits until whoever waits for the answer has given up. */
  readonly tooLong: () => Promise<void>;
}

/** Breaks one try of an event, if the mode says so. @param receives - which try it is, from 1 */
export const breakOnPurpose = async (envelope: Envelope, receives: number, breakage: Breakage): Promise<void> => {
  const { mode, seed, random, tooLong } = breakage;
  if (mode === 'poison_payload') throw new SchemaValidationError(['poison_payload: the payload is taken for invalid']);
  if (mode === 'slow_downstream') await tooLong();
  if (mode !== 'random_fail_p30') return;
  const chance = seed === undefined ? random() : shareOf(`${seed} ${envelope.eventId} ${receives}`);
  if (chance < RANDOM_FAIL_SHARE) throw new IngestionError('TRANSIENT', 'random_fail_p30: this try fails');
};
