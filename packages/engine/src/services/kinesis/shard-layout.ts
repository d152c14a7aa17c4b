import type { Shard as ShardDescription } from '@aws-sdk/client-kinesis';
import type { EpochMs } from '@holdfast/kernel';
import { HASH_KEYS } from './hash-key.ts';
import type { Shard, StoredShard } from './shard.ts';
import type { Stream } from './stream.ts';

/** Shards of a new stream, by the first hash key of each. */
export const firstShards = (starts: readonly bigint[], now: EpochMs): StoredShard[] =>
  starts.map((start, index) => ({
    index,
    createdAt: now,
    openedAt: now,
    startHashKey: String(start),
    endHashKey: String((starts[index + 1] ?? HASH_KEYS) - 1n),
    parentIndex: undefined,
    adjacentParentIndex: undefined,
    closedAt: undefined,
    lastSequenceNumber: undefined,
  }));

/** As DescribeStream and ListShards show it. */
export const describeShard = (shard: Shard): ShardDescription => {
  const [ParentShardId, AdjacentParentShardId] = shard.parentIds;
  const EndingSequenceNumber = shard.endingSequenceNumber;
  return {
    ShardId: shard.id,
    ...(ParentShardId === undefined ? {} : { ParentShardId }),
    ...(AdjacentParentShardId === undefined ? {} : { AdjacentParentShardId }),
    HashKeyRange: { StartingHashKey: shard.stored.startHashKey, EndingHashKey: shard.stored.endHashKey },
    SequenceNumberRange: {
      StartingSequenceNumber: shard.startingSequenceNumber,
      ...(EndingSequenceNumber === undefined ? {} : { EndingSequenceNumber }),
    },
  };
};

interface Piece {
  readonly index: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** Works out a change of shards step by step, without touching the stream. */
export class Resharding {
  readonly #shards: Map<number, StoredShard>;
  readonly #lastOf: (index: number) => string | undefined;
  readonly #now: EpochMs;
  #nextIndex: number;

  constructor(stream: Stream, now: EpochMs) {
    this.#shards = new Map(stream.stored.shards.map((shard) => [shard.index, shard]));
    this.#lastOf = (index) => stream.shards.get(index)?.lastSequenceNumber;
    this.#nextIndex = stream.stored.nextShardIndex;
    this.#now = now;
  }

  /** What to store. */
  get change(): { readonly shards: readonly StoredShard[]; readonly nextShardIndex: number } {
    return { shards: [...this.#shards.values()], nextShardIndex: this.#nextIndex };
  }

  /** Closes a shard and opens two children, the second from `at` on. */
  split(index: number, at: bigint): readonly [Piece, Piece] {
    const shard = this.#close(index);
    const [start, end] = [BigInt(shard.startHashKey), BigInt(shard.endHashKey)];
    return [this.#open(start, at - 1n, [shard]), this.#open(at, end, [shard])];
  }

  /** Closes two adjacent shards and opens one child. */
  merge(left: number, right: number): Piece {
    const parents = [this.#close(left), this.#close(right)] as const;
    return this.#open(BigInt(parents[0].startHashKey), BigInt(parents[1].endHashKey), parents);
  }

  /** Brings the open shards to the ranges that begin at `starts`: splits first, then merges. */
  reshape(open: readonly Shard[], starts: readonly bigint[]): void {
    const pieces: Piece[] = [];
    for (const { stored, start, end } of open) {
      let rest: Piece = { index: stored.index, start, end };
      for (const at of starts.filter((candidate) => candidate > start && candidate <= end)) {
        const [first, second] = this.split(rest.index, at);
        pieces.push(first);
        rest = second;
      }
      pieces.push(rest);
    }
    const boundaries = new Set(starts);
    let merged: Piece | undefined;
    for (const piece of pieces) {
      merged = merged === undefined || boundaries.has(piece.start) ? piece : this.merge(merged.index, piece.index);
    }
  }

  #close(index: number): StoredShard {
    const shard = this.#shards.get(index) as StoredShard;
    this.#shards.set(index, { ...shard, closedAt: this.#now, lastSequenceNumber: this.#lastOf(index) });
    return shard;
  }

  #open(start: bigint, end: bigint, parents: readonly StoredShard[]): Piece {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    // Later than every parent by a full second: sequence numbers of children are greater.
    const createdAt = Math.max(this.#now, ...parents.map((parent) => parent.createdAt)) + 1_000;
    this.#shards.set(index, {
      index,
      createdAt,
      openedAt: this.#now,
      startHashKey: String(start),
      endHashKey: String(end),
      parentIndex: parents[0]?.index,
      adjacentParentIndex: parents[1]?.index,
      closedAt: undefined,
      lastSequenceNumber: undefined,
    });
    return { index, start, end };
  }
}
