import type { EpochMs } from '@holdfast/kernel';

const PREFIX = '1888';
const DIGITS = 16;
/** AWS's numbers have gaps; ours too, so that nobody comes to count on consecutive ones. */
const STEP = 256;

/** Sequence numbers of a FIFO queue: twenty digits, increasing, with gaps; also across restarts. */
export class SequenceNumbers {
  #last = 0;

  next(now: EpochMs): string {
    this.#last = Math.max(this.#last + STEP, now * 1_000);
    return PREFIX + String(this.#last).padStart(DIGITS, '0');
  }

  /** Notes a number given out before a restart. */
  seen(sequenceNumber: string): void {
    this.#last = Math.max(this.#last, Number(sequenceNumber.slice(PREFIX.length)));
  }
}
