import type { EpochMs } from '@holdfast/kernel';
import { onDemand } from '@holdfast/kernel';
import type {
  OperationTable,
  Service,
  ServiceEnvironment,
  SourceRecord,
  SourceShard,
  StreamedChange,
  StreamedTable,
  StreamFacts,
  StreamSource,
  StreamStart,
  TableStreams,
} from '../../core/index.ts';
import { sourceRecord } from './change-record.ts';
import { streamsOperations } from './operations.ts';
import { StreamTable } from './stream-table.ts';
import { RETENTION_MS } from './table-stream.ts';

/**
 * Amazon DynamoDB Streams: what tables tell about their items, for callers of the API and for the pollers of event
 * source mappings.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
export class DynamoDbStreamsService implements Service, StreamSource, TableStreams {
  readonly #operations: () => OperationTable;
  readonly lends = { streams: this, tableStreams: this };
  readonly #streams: StreamTable;

  constructor(environment: ServiceEnvironment) {
    this.#streams = new StreamTable(environment);
    this.#operations = onDemand(() => streamsOperations(this.#streams));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  open(table: StreamedTable, viewType: string, now: EpochMs): string {
    return this.#streams.open(table, viewType, now);
  }

  append(streamArn: string, change: StreamedChange): void {
    this.#streams.append(streamArn, change);
  }

  close(streamArn: string, now: EpochMs): void {
    this.#streams.close(streamArn, now);
  }

  facts(streamArn: string): StreamFacts | undefined {
    return this.#streams.find(streamArn) === undefined ? undefined : { retentionMs: RETENTION_MS };
  }

  shards(streamArn: string): readonly SourceShard[] {
    const stream = this.#streams.find(streamArn);
    return stream === undefined ? [] : [stream.asSource()];
  }

  /** Event source mappings cannot begin at a time here. */
  positionOf(streamArn: string, _shardId: string, start: StreamStart): string {
    const stream = this.#streams.find(streamArn);
    if (stream === undefined) return '0';
    return start.at === 'LATEST' ? stream.lastSequenceNumber : stream.startingSequenceNumber;
  }

  read(streamArn: string, _shardId: string, afterSequenceNumber: string, max: number): readonly SourceRecord[] {
    const stream = this.#streams.find(streamArn);
    if (stream === undefined) return [];
    return stream.log.readAfter(afterSequenceNumber, max).map((record) => sourceRecord(record, stream.stored));
  }

  onAvailable(streamArn: string, listener: () => void): () => void {
    return this.#streams.onAvailable(streamArn, listener);
  }
}
