import type { EpochMs } from '@holdfast/kernel';

/** How many event pollers a queue's mapping has at least and at most. */
export interface ProvisionedPollers {
  readonly minimum: number;
  readonly maximum: number;
}

/** What one event poller may do at once and per second. */
export const INVOKES_PER_POLLER = 10;
const RECEIVES_PER_POLLER = 10;
const BYTES_PER_POLLER = 1_000_000;

/** 1,000 more concurrent invocations per minute, in steps. */
export const PROVISIONED_STEP = 50;
export const PROVISIONED_STEP_MS = 3_000;

/**
 * How often and how much the event pollers of a mapping may receive: ten calls and a megabyte per second each. O(1).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export class PollerThroughput {
  #receives = Number.POSITIVE_INFINITY;
  /** May fall below zero: what a receive brings is known only afterwards. */
  #bytes = Number.POSITIVE_INFINITY;
  #filledAt: EpochMs = 0;

  /** `undefined` when these pollers may receive now, else when they may. */
  waitUntil(now: EpochMs, pollers: number): EpochMs | undefined {
    const seconds = (now - this.#filledAt) / 1_000;
    this.#filledAt = now;
    this.#receives = Math.min(RECEIVES_PER_POLLER * pollers, this.#receives + seconds * RECEIVES_PER_POLLER * pollers);
    this.#bytes = Math.min(BYTES_PER_POLLER * pollers, this.#bytes + seconds * BYTES_PER_POLLER * pollers);
    const missingReceives = Math.max(0, 1 - 1e-9 - this.#receives) / (RECEIVES_PER_POLLER * pollers);
    const missingBytes = Math.max(0, 1 - this.#bytes) / (BYTES_PER_POLLER * pollers);
    const wait = Math.max(missingReceives, missingBytes);
    return wait === 0 ? undefined : now + Math.max(1, Math.ceil(wait * 1_000));
  }

  received(bytes: number): void {
    this.#receives -= 1;
    this.#bytes -= bytes;
  }
}
