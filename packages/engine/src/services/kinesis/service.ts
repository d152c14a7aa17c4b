import { onDemand } from '@holdfast/kernel';
import type {
  OperationTable,
  Service,
  ServiceEnvironment,
  SourceRecord,
  SourceShard,
  StreamFacts,
  StreamSource,
  StreamStart,
} from '../../core/index.ts';
import { sourceRecord } from './kinesis-event.ts';
import { putOperations } from './put-operations.ts';
import { positionBefore, readOperations } from './read-operations.ts';
import { type Shard, shardIndexOf } from './shard.ts';
import { shardOperations } from './shard-operations.ts';
import { streamOperations } from './stream-operations.ts';
import { StreamRegistry } from './stream-registry.ts';
import { tagOperations } from './tag-operations.ts';

/**
 * Amazon Kinesis Data Streams, for callers of the API and for the pollers of event source mappings. Enhanced fan-out
 * is not modelled.
 *
 * @see https://docs.aws.amazon.com/streams/latest/dev/introduction.html
 */
export class KinesisService implements Service, StreamSource {
  readonly #operations: () => OperationTable;
  readonly lends = { streams: this };
  readonly #streams: StreamRegistry;

  constructor(environment: ServiceEnvironment) {
    this.#streams = new StreamRegistry(environment);
    this.#operations = onDemand(() => ({
      ...streamOperations(this.#streams),
      ...shardOperations(this.#streams),
      ...putOperations(this.#streams),
      ...readOperations(this.#streams),
      ...tagOperations(this.#streams),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  facts(streamArn: string): StreamFacts | undefined {
    const stream = this.#streams.find(streamArn);
    return stream === undefined ? undefined : { retentionMs: stream.retentionMs };
  }

  shards(streamArn: string): readonly SourceShard[] {
    return [...(this.#streams.find(streamArn)?.shards.values() ?? [])].map((shard) => shard.asSource());
  }

  positionOf(streamArn: string, shardId: string, start: StreamStart): string {
    const shard = this.#shard(streamArn, shardId);
    if (shard === undefined) return '0';
    if (start.at === 'TRIM_HORIZON') return shard.startingSequenceNumber;
    return start.at === 'LATEST' ? shard.lastSequenceNumber : positionBefore(shard, start.timestamp);
  }

  read(streamArn: string, shardId: string, afterSequenceNumber: string, max: number): readonly SourceRecord[] {
    const shard = this.#shard(streamArn, shardId);
    if (shard === undefined) return [];
    return shard.log.readAfter(afterSequenceNumber, max).map((record) => sourceRecord(record, shardId, streamArn));
  }

  onAvailable(streamArn: string, listener: () => void): () => void {
    return this.#streams.onAvailable(streamArn, listener);
  }

  #shard(streamArn: string, shardId: string): Shard | undefined {
    const index = shardIndexOf(shardId);
    return index === undefined ? undefined : this.#streams.find(streamArn)?.shards.get(index);
  }
}
