import type { EpochMs } from '@holdfast/kernel';
import { ShardLog, type SourceShard } from '../../core/index.ts';
import { LAST_POSITION, nextPosition, parseSequenceNumber, sequenceNumber } from './sequence-number.ts';

export interface KinesisRecord {
  readonly sequenceNumber: string;
  readonly arrivedAt: EpochMs;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** A shard as it is kept; hash keys as decimal text. */
export interface StoredShard {
  readonly index: number;
  /** As its sequence numbers say; of a child at least a second after its parents'. */
  readonly createdAt: EpochMs;
  readonly openedAt: EpochMs;
  readonly startHashKey: string;
  readonly endHashKey: string;
  readonly parentIndex: number | undefined;
  readonly adjacentParentIndex: number | undefined;
  readonly closedAt: EpochMs | undefined;
  /** Position of the newest record when the shard was closed; open shards follow their records. */
  readonly lastSequenceNumber: string | undefined;
}

export const shardIdOf = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/** Number of the shard that an id names; AWS also takes the bare number. */
export const shardIndexOf = (shardId: string): number | undefined => {
  const digits = /^(?:shardId-)?(\d{1,12})$/.exec(shardId)?.[1];
  return digits === undefined || Number(digits) >= 2 ** 31 ? undefined : Number(digits);
};

/** A range of hash keys with the records put into it. */
export class Shard {
  stored: StoredShard;
  readonly log = new ShardLog<KinesisRecord>();
  readonly start: bigint;
  readonly end: bigint;
  readonly startingSequenceNumber: string;
  #lastSequenceNumber: string;
  #lastPosition = 0n;

  constructor(stored: StoredShard) {
    this.stored = stored;
    this.start = BigInt(stored.startHashKey);
    this.end = BigInt(stored.endHashKey);
    const { createdAt, index } = stored;
    this.startingSequenceNumber = sequenceNumber({
      shardCreatedAt: createdAt,
      shardIndex: index,
      position: 0n,
      at: createdAt,
    });
    this.#lastSequenceNumber = stored.lastSequenceNumber ?? this.startingSequenceNumber;
  }

  get id(): string {
    return shardIdOf(this.stored.index);
  }

  get isOpen(): boolean {
    return this.stored.closedAt === undefined;
  }

  /** Of the newest record ever put, or the starting one. */
  get lastSequenceNumber(): string {
    return this.#lastSequenceNumber;
  }

  get endingSequenceNumber(): string | undefined {
    const { createdAt, index, closedAt } = this.stored;
    if (closedAt === undefined) return undefined;
    return sequenceNumber({ shardCreatedAt: createdAt, shardIndex: index, position: LAST_POSITION, at: closedAt });
  }

  get parentIds(): readonly string[] {
    const { parentIndex, adjacentParentIndex } = this.stored;
    return [parentIndex, adjacentParentIndex].filter((index) => index !== undefined).map(shardIdOf);
  }

  put(partitionKey: string, data: Uint8Array, now: EpochMs): KinesisRecord {
    const { createdAt, index } = this.stored;
    const position = nextPosition(this.#lastPosition, now);
    const record: KinesisRecord = {
      sequenceNumber: sequenceNumber({ shardCreatedAt: createdAt, shardIndex: index, position, at: now }),
      arrivedAt: now,
      partitionKey,
      data,
    };
    this.restore(record);
    return record;
  }

  /** Takes in a record that was put before. */
  restore(record: KinesisRecord): void {
    this.log.append(record);
    this.#lastSequenceNumber = record.sequenceNumber;
    this.#lastPosition = parseSequenceNumber(record.sequenceNumber)?.position ?? this.#lastPosition;
  }

  asSource(): SourceShard {
    return {
      shardId: this.id,
      parentIds: this.parentIds,
      isOpen: this.isOpen,
      lastSequenceNumber: this.#lastSequenceNumber,
    };
  }
}
