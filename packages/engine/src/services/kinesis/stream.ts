import { type EpochMs, HOUR_MS } from '@holdfast/kernel';
import { Shard, type StoredShard } from './shard.ts';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** All that is kept of a stream besides its records. */
export interface StoredStream {
  /** Leads the keys of the records: a stream deleted and made again is another stream. */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: EpochMs;
  readonly mode: StreamMode;
  readonly retentionHours: number;
  readonly encryptionKeyId: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly shards: readonly StoredShard[];
  /** Indexes are never given twice, even when old shards are gone. */
  readonly nextShardIndex: number;
}

/** A stream in memory: finds the shard of a hash key in O(log shards). */
export class Stream {
  stored: StoredStream;
  readonly shards = new Map<number, Shard>();
  /** Nothing expires earlier. */
  nextTrimAt: EpochMs = 0;
  #open: Shard[] = [];

  constructor(stored: StoredStream) {
    this.stored = stored;
    for (const shard of stored.shards) this.shards.set(shard.index, new Shard(shard));
    this.#sortOpen();
  }

  get retentionMs(): number {
    return this.stored.retentionHours * HOUR_MS;
  }

  /** Open shards by hash key. */
  get openShards(): readonly Shard[] {
    return this.#open;
  }

  shardOf(hashKey: bigint): Shard {
    let low = 0;
    let high = this.#open.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#open[middle] as Shard).start <= hashKey) low = middle;
      else high = middle - 1;
    }
    return this.#open[low] as Shard;
  }

  /** Takes over changed shards: closed ones, and children. */
  setShards(shards: readonly StoredShard[]): void {
    const indexes = new Set(shards.map(({ index }) => index));
    for (const index of this.shards.keys()) if (!indexes.has(index)) this.shards.delete(index);
    for (const stored of shards) {
      const existing = this.shards.get(stored.index);
      if (existing === undefined) this.shards.set(stored.index, new Shard(stored));
      else existing.stored = stored;
    }
    this.#sortOpen();
  }

  #sortOpen(): void {
    this.#open = [...this.shards.values()].filter((shard) => shard.isOpen).sort((a, b) => (a.start < b.start ? -1 : 1));
  }
}
