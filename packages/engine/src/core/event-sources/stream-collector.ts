import type { EpochMs, Timer } from '@holdfast/kernel';
import type { LaneEntry, LaneHost } from './lane-host.ts';
import type { TumblingWindows } from './stream-window.ts';

/** Records looked at in one go while a batch is collected. */
const CHUNK = 500;

/** Entries of one lane that are handed over together. */
export interface StreamBatch {
  readonly openedAt: EpochMs;
  readonly entries: LaneEntry[];
  bytes: number;
  /** Nothing more goes in: by number, by bytes, or because the next record comes after the tumbling window. */
  isFull: boolean;
}

/** Reads a shard on for one lane, and collects what passes until a batch is full or its window is over. */
export class StreamCollector {
  readonly #host: LaneHost;
  readonly #windows: TumblingWindows;
  readonly #onWindowEnd: () => void;
  #readTo: string;
  #batch: StreamBatch | undefined;
  #timer: Timer | undefined;

  constructor(host: LaneHost, position: string, windows: TumblingWindows, onWindowEnd: () => void) {
    this.#host = host;
    this.#readTo = position;
    this.#windows = windows;
    this.#onWindowEnd = onWindowEnd;
  }

  /** The last record that was looked at. */
  get readTo(): string {
    return this.#readTo;
  }

  get isCollecting(): boolean {
    return this.#batch !== undefined;
  }

  /** A batch that is to be handed over, without entries when there is nothing; `undefined` while its window is still open. */
  collect(): StreamBatch | undefined {
    const now = this.#host.now();
    const batch = this.#batch ?? { openedAt: now, entries: [], bytes: this.#windows.envelopeBytes, isFull: false };
    this.#fill(batch);
    if (batch.entries.length === 0) {
      this.#batch = undefined;
      return batch;
    }
    const endsAt = Math.min(
      batch.openedAt + this.#host.settings.windowMs,
      this.#windows.open?.endsAt ?? Number.POSITIVE_INFINITY,
    );
    if (!batch.isFull && this.#host.endOfShard() === undefined && now < endsAt) {
      this.#batch = batch;
      this.#timer ??= this.#host.timers.schedule(endsAt, () => {
        this.#timer = undefined;
        this.#onWindowEnd();
      });
      return undefined;
    }
    this.stop();
    return batch;
  }

  /** Forgets what is collected. */
  stop(): void {
    this.#batch = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #fill(batch: StreamBatch): void {
    const { batchSize } = this.#host.settings;
    while (!batch.isFull) {
      const chunk = this.#host.read(this.#readTo, Math.min(CHUNK, Math.max(batchSize, 1)));
      if (chunk.length === 0) return;
      for (const record of chunk) {
        const entry = this.#host.entryOf(record);
        if (entry !== undefined) {
          if (!this.#fits(batch, entry)) {
            batch.isFull = true;
            return;
          }
          batch.entries.push(entry);
          batch.bytes += entry.bytes;
          batch.isFull = batch.entries.length >= batchSize;
        }
        this.#readTo = record.sequenceNumber;
        if (batch.isFull) return;
      }
    }
  }

  #fits({ entries, bytes }: StreamBatch, entry: LaneEntry): boolean {
    if (!this.#windows.admits(entry.arrivedAt)) return false;
    return entries.length === 0 || bytes + entry.bytes <= this.#host.settings.batchBytesMax;
  }
}
