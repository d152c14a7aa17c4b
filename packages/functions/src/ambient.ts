import { type Random, randomFrom } from '@holdfast/kernel';

/** What a handler takes from the machine it runs on; replaced in tests. */
export interface Ambient {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Calls `act` once after `ms`, unless the returned function is called before. */
  readonly after: (ms: number, act: () => void) => () => void;
  readonly random: Random;
}

const ambientRandom: Random = randomFrom(
  () => Math.floor(Math.random() * 2 ** 32),
  () => ambientRandom,
);

/**
 * Time and chance of the running process.
 *
 * `Date`, `setTimeout` and `Math.random` are looked up at each call, so a runtime that replaces them (virtual time)
 * is obeyed. Jitter needs no randomness that cannot be guessed.
 */
export const ambient: Ambient = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  random: ambientRandom,
};
