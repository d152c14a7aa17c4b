import { DAY_MS, type EpochMs } from '@holdfast/kernel';
import { ShardLog, type SourceShard, type StreamedTable } from '../../core/index.ts';
import type { ChangeRecord, ViewType } from './change-record.ts';

/** Fixed on AWS. */
export const RETENTION_MS = DAY_MS;

/** All that is kept of a stream besides its records. */
export interface StoredTableStream {
  readonly id: string;
  readonly arn: string;
  readonly label: string;
  readonly account: string;
  readonly region: string;
  readonly tableName: string;
  readonly tableArn: string;
  readonly keySchema: StreamedTable['keySchema'];
  readonly viewType: ViewType;
  readonly createdAt: EpochMs;
  readonly closedAt: EpochMs | undefined;
  /** Of the newest record when the stream was closed; open ones follow their records. */
  readonly lastSequenceNumber: string | undefined;
}

const DIGITS = 20;
const NUMBERS_PER_MS = 1n << 20n;

const written = (number: bigint): string => `1${String(number).padStart(DIGITS, '0')}`;

/** Sequence numbers have 21 digits and follow the time, so that they keep growing when all records are gone. */
const numberAfter = (last: string, now: EpochMs): string => {
  const fromTime = written(BigInt(now) * NUMBERS_PER_MS);
  return last >= fromTime ? String(BigInt(last) + 1n) : fromTime;
};

/**
 * The changes of one table, in one shard. Differs: AWS has a shard per partition of the table and begins new ones
 * every few hours.
 */
export class TableStream {
  stored: StoredTableStream;
  readonly log = new ShardLog<ChangeRecord>();
  readonly shardId: string;
  readonly startingSequenceNumber: string;
  #lastSequenceNumber: string;

  constructor(stored: StoredTableStream) {
    this.stored = stored;
    this.shardId = `shardId-${String(stored.createdAt).padStart(DIGITS, '0')}-${stored.id.slice(0, 8)}`;
    this.startingSequenceNumber = written(BigInt(stored.createdAt) * NUMBERS_PER_MS);
    this.#lastSequenceNumber = stored.lastSequenceNumber ?? this.startingSequenceNumber;
  }

  get isOpen(): boolean {
    return this.stored.closedAt === undefined;
  }

  /** Of the newest record ever, or the starting one. */
  get lastSequenceNumber(): string {
    return this.#lastSequenceNumber;
  }

  append(change: Omit<ChangeRecord, 'sequenceNumber'>): ChangeRecord {
    const record = { ...change, sequenceNumber: numberAfter(this.#lastSequenceNumber, change.arrivedAt) };
    this.restore(record);
    return record;
  }

  restore(record: ChangeRecord): void {
    this.log.append(record);
    this.#lastSequenceNumber = record.sequenceNumber;
  }

  asSource(): SourceShard {
    const { shardId, isOpen, lastSequenceNumber } = this;
    return { shardId, parentIds: [], isOpen, lastSequenceNumber };
  }
}
