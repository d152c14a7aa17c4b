import { type EpochMs, utf8Length } from '@holdfast/kernel';
import type { SourceMessage } from '../queue-source.ts';
import { BATCH_ENVELOPE_BYTES } from './batch-consumer.ts';
import type { SqsRecord } from './sqs-record.ts';

/** A message that was received, as its batch hands it over. */
export interface Received {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly traceHeader: string | undefined;
  /** The record as JSON. */
  readonly text: string;
  readonly bytes: number;
  readonly visibleAgainAt: EpochMs;
}

export const received = (message: SourceMessage, record: SqsRecord, visibleAgainAt: EpochMs): Received => {
  const text = JSON.stringify(record);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    traceHeader: message.attributes['AWSTraceHeader'],
    text,
    bytes: utf8Length(text) + 1,
    visibleAgainAt,
  };
};

/** Traces that one batch is linked to at most. */
const LINKS_MAX = 100;

/** Messages that are handed over together. */
export class SqsBatch {
  readonly openedAt: EpochMs;
  /** How often it has been refused. */
  refusals = 0;
  #entries: Received[] = [];
  #bytes = BATCH_ENVELOPE_BYTES;
  #isFull = false;

  constructor(openedAt: EpochMs) {
    this.openedAt = openedAt;
  }

  get entries(): readonly Received[] {
    return this.#entries;
  }

  /** Nothing more goes in: by number, or because the next message was too large. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** When the first of its messages is no longer ours. */
  get visibleAgainAt(): EpochMs {
    return Math.min(...this.#entries.map((entry) => entry.visibleAgainAt));
  }

  /** Takes what fits by number and by bytes of the payload; answers what did not. */
  take(more: readonly Received[], entriesMax: number, bytesMax: number): Received[] {
    let taken = 0;
    for (const entry of more) {
      const fits = this.#entries.length === 0 || this.#bytes + entry.bytes <= bytesMax;
      if (!fits || this.#entries.length >= entriesMax) break;
      this.#entries.push(entry);
      this.#bytes += entry.bytes;
      taken += 1;
    }
    this.#isFull = taken < more.length || this.#entries.length >= entriesMax;
    return more.slice(taken);
  }

  /** While it waits for a free place its messages may become visible again: then they are not ours any more. */
  dropVisible(now: EpochMs): void {
    if (this.#entries.every((entry) => entry.visibleAgainAt > now)) return;
    this.#entries = this.#entries.filter((entry) => entry.visibleAgainAt > now);
    this.#bytes = this.#entries.reduce((bytes, entry) => bytes + entry.bytes, BATCH_ENVELOPE_BYTES);
    this.#isFull = false;
  }

  /** It begins a trace of its own; only the memory of loops is carried over from its messages. */
  get lineage(): string | undefined {
    for (const { traceHeader } of this.#entries) {
      const lineage = traceHeader === undefined ? undefined : /(?:^|;)\s*(Lineage=[^;]*)/.exec(traceHeader)?.[1];
      if (lineage !== undefined) return lineage;
    }
    return undefined;
  }

  /** Traces that the messages belong to, each once. */
  get traceLinks(): readonly string[] | undefined {
    const headers = new Set<string>();
    for (const { traceHeader } of this.#entries) {
      if (traceHeader?.includes('Root=') === true && headers.size < LINKS_MAX) headers.add(traceHeader);
    }
    return headers.size === 0 ? undefined : [...headers];
  }
}
