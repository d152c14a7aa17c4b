import type { EpochMs } from '@holdfast/kernel';
import type { FailedRun } from '../../core/index.ts';

/** The latest receive of a message whose consumer failed. */
export interface FailedReceive {
  readonly messageId: string;
  readonly at: EpochMs;
  /** Of the latest runs that failed with it, the latest last. */
  readonly requestIds: readonly string[];
  /** What the latest run failed with, as JSON; absent where it only said that it failed with this message. */
  readonly error?: string;
}

/** Messages of one engine; the oldest make room. */
const MESSAGES_MAX = 100_000;

const RUNS_MAX = 5;
const ERROR_CHARACTERS_MAX = 4_096;

/** One mistake fails with many messages alike: its text is held once. */
const TEXTS_MAX = 1_000;

interface Noted extends FailedReceive {
  readonly queueArn: string;
  readonly sequence: number;
}

/**
 * Why messages were received in vain. AWS keeps no such thing, and a redrive policy writes no reason on what it gives up: this is
 * for who looks at failures. It is held in memory alone.
 */
export class FailedReceives {
  readonly #noted = new Map<string, Noted>();
  readonly #texts = new Map<string, string>();
  #sequence: number;

  /** @param startedAt - places begin there: who knows one of an engine before sees that all of this one comes after it */
  constructor(startedAt: EpochMs) {
    this.#sequence = startedAt;
  }

  note(queueArn: string, { messageIds, requestId, error }: FailedRun, at: EpochMs): void {
    const text = error === undefined ? undefined : this.#once(error.slice(0, ERROR_CHARACTERS_MAX));
    for (const messageId of messageIds) {
      const before = this.#noted.get(messageId);
      this.#noted.delete(messageId);
      this.#sequence += 1;
      this.#noted.set(messageId, {
        queueArn,
        messageId,
        at,
        requestIds: [...(before?.requestIds ?? []), requestId].slice(-RUNS_MAX),
        sequence: this.#sequence,
        ...(text === undefined ? {} : { error: text }),
      });
    }
    for (const messageId of this.#noted.keys()) {
      if (this.#noted.size <= MESSAGES_MAX) break;
      this.#noted.delete(messageId);
    }
  }

  /** Those of a queue that were noted after a place, in that order. */
  of(
    queueArn: string,
    after: number,
    limit: number,
  ): { readonly receives: readonly FailedReceive[]; readonly last: number } {
    const receives: FailedReceive[] = [];
    let last = after;
    for (const { queueArn: arn, sequence, ...receive } of this.#noted.values()) {
      if (sequence <= after || arn !== queueArn) continue;
      if (receives.length >= limit) break;
      receives.push(receive);
      last = sequence;
    }
    return { receives, last };
  }

  #once(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= TEXTS_MAX) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }
}
