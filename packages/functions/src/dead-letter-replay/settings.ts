import { type BackoffPolicy, resolveBackoffPolicy } from '@holdfast/retry';
import { type Environment, numberWithin, optionalText, requiredText } from '../environment.ts';

/** What the environment of a replay says, checked once per cold start. */
export interface DeadLetterReplaySettings {
  /** The queue into which messages are sent again. */
  readonly queueUrl: string;
  /** Replays of one message before it is given up. */
  readonly maxAttempts: number;
  /** Of one message, from replay to replay, as its delay. */
  readonly backoff: BackoffPolicy;
  /** A message that lacks one of these attributes will never be good: it is given up without a replay. */
  readonly requiredAttributes: readonly string[];
}

/** SQS delays no message longer. */
export const DELAY_MAX_SECONDS = 900;

/**
 * Lambda stops what goes round between queues and functions after about 16 rounds.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const MAX_ATTEMPTS_MAX = 15;

/** Where nothing else is said. */
export const REPLAY_DEFAULTS = { maxAttempts: 3, baseDelaySeconds: 2, maxDelaySeconds: DELAY_MAX_SECONDS } as const;

/** @throws {@link InvalidInputError} naming the variable that is missing or wrong */
export const readDeadLetterReplaySettings = (environment: Environment): DeadLetterReplaySettings => {
  const delay = { min: 0.001, max: DELAY_MAX_SECONDS };
  return {
    queueUrl: requiredText(environment, 'QUEUE_URL'),
    maxAttempts: numberWithin(environment, 'MAX_ATTEMPTS', REPLAY_DEFAULTS.maxAttempts, {
      min: 1,
      max: MAX_ATTEMPTS_MAX,
    }),
    backoff: resolveBackoffPolicy({
      baseDelayMs: numberWithin(environment, 'BASE_DELAY_SECONDS', REPLAY_DEFAULTS.baseDelaySeconds, delay) * 1_000,
      maxDelayMs: numberWithin(environment, 'MAX_DELAY_SECONDS', REPLAY_DEFAULTS.maxDelaySeconds, delay) * 1_000,
      jitter: 'equal',
    }),
    requiredAttributes: (optionalText(environment, 'REQUIRED_ATTRIBUTES') ?? '')
      .split(',')
      .filter((name) => name !== ''),
  };
};
