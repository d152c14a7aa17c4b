import type { EpochMs } from '@holdfast/kernel';

/** A record of a shard as an event source mapping sees it. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  /**
   * Records of one key keep their order even when a shard is worked on in parallel: partition key, or an item's key.
   * May be worked out anew each time it is asked for.
   */
  readonly orderKey: string;
  readonly arrivedAt: EpochMs;
  /** The record as functions get it in `Records`, made when asked for. */
  eventRecord(): Record<string, unknown>;
}

export interface SourceShard {
  readonly shardId: string;
  /** Shards that must be read to their end before this one; they may be gone already. */
  readonly parentIds: readonly string[];
  readonly isOpen: boolean;
  /** Of the newest record ever put, or the shard's starting one: nothing comes after it in a closed shard. */
  readonly lastSequenceNumber: string;
}

/** Where a reader begins that has not read yet. */
export type StreamStart =
  | { readonly at: 'TRIM_HORIZON' }
  | { readonly at: 'LATEST' }
  | { readonly at: 'AT_TIMESTAMP'; readonly timestamp: EpochMs };

export interface StreamFacts {
  readonly retentionMs: number;
}

/**
 * What pollers inside the engine (event source mappings) do with streams, Kinesis's and DynamoDB's alike, without
 * going through the wire. A position in a shard is a sequence number: what comes after it has not been read.
 */
export interface StreamSource {
  facts(streamArn: string): StreamFacts | undefined;
  /** Shards that hold or may get records; parents before their children. */
  shards(streamArn: string): readonly SourceShard[];
  /** The position of a start in a shard, as a sequence number to read after. */
  positionOf(streamArn: string, shardId: string, start: StreamStart): string;
  /** Up to `max` records after the position, oldest first. O(log n) to find the place. */
  read(streamArn: string, shardId: string, afterSequenceNumber: string, max: number): readonly SourceRecord[];
  /** Calls `listener` whenever records were put or shards have changed. Returns the unsubscribe function. */
  onAvailable(streamArn: string, listener: () => void): () => void;
}
