import { hash, randomFillSync } from 'node:crypto';
import type { Clock, EpochMs, Wakeable } from './clock.ts';
import type { Digest } from './digest.ts';
import { type IdSource, idsFrom } from './ids.ts';
import { type Random, randomFrom } from './random.ts';

export { liveBriefly } from './live-briefly.ts';
export { liveCryptography } from './live-cryptography.ts';

/** The machine's clock, shifted by what virtual time has gained on it. */
export class LiveClock implements Clock {
  offsetMs: number;

  constructor(offsetMs = 0) {
    this.offsetMs = offsetMs;
  }

  now(): EpochMs {
    return Date.now() + this.offsetMs;
  }
}

/** Randomness from the operating system, drawn in blocks. */
export const liveRandom = (): Random => {
  const block = new Uint32Array(1024);
  let next = block.length;
  const nextUint32 = (): number => {
    if (next === block.length) {
      randomFillSync(block);
      next = 0;
    }
    return block[next++] as number;
  };
  const random: Random = randomFrom(nextUint32, () => random);
  return random;
};

/** Ids nobody can predict. */
export const liveIds = (): IdSource => idsFrom(liveRandom());

/** Longest sleep that `setTimeout` accepts. */
const SLEEP_MAX_MS = 2 ** 31 - 1;

/** Sleeps until a {@link Wakeable} has something to do, wakes it, and sleeps again. */
export class LiveDriver {
  readonly #source: Wakeable;
  readonly #clock: Clock;
  #timer: NodeJS.Timeout | undefined;
  #armedFor: EpochMs | undefined;
  #running = false;

  constructor(source: Wakeable, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  start(): void {
    this.#running = true;
    this.rearm();
  }

  stop(): void {
    this.#running = false;
    this.#disarm();
  }

  /** To be called when something may be due earlier than before. */
  rearm(): void {
    if (!this.#running) return;
    const at = this.#source.nextWakeAt();
    // Who is woken too early finds nothing to do and sleeps on: what was due then has been taken back, as most time limits are.
    if (at !== undefined && this.#armedFor !== undefined && this.#armedFor <= at) return;
    this.#disarm();
    if (at === undefined) return;
    this.#armedFor = at;
    const delayMs = Math.min(Math.max(0, at - this.#clock.now()), SLEEP_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#armedFor = undefined;
      this.#timer = undefined;
      this.#source.wake(this.#clock.now());
      this.rearm();
    }, delayMs);
  }

  #disarm(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = undefined;
  }
}

/** Checksums by the platform's own code. */
export const liveDigest: Digest = {
  md5Hex: (data) => hash('md5', data, 'hex'),
  sha256Hex: (data) => hash('sha256', data, 'hex'),
  sha256Base64: (data) => hash('sha256', data, 'base64'),
  hex: (algorithm, data) => hash(algorithm, data, 'hex'),
};
