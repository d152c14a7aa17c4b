import { makeArn } from '@holdfast/aws-model';
import { base64OfBytes, bytesOfBase64, type EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  Constraints,
  compareSequenceNumbers,
  isElsewhere,
  Listeners,
  type RequestContext,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { invalidArgument, notFound } from './errors.ts';
import type { KinesisRecord, Shard } from './shard.ts';
import { type StoredStream, Stream } from './stream.ts';
import { StreamEncryption } from './stream-encryption.ts';

interface StoredRecord {
  readonly key: string;
  /** Base64. */
  readonly data: string;
  readonly at: EpochMs;
}

/** What calls name a stream by. */
export interface StreamNaming {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

export const streamArn = (name: string, { account, region }: Pick<RequestContext, 'account' | 'region'>): string =>
  makeArn('kinesis', region, account, `stream/${name}`);

export const streamNotFound = (name: string, account: string) =>
  notFound(`Stream ${name} under account ${account} not found.`);

/** All streams with their records; every change is written through, one entry per record. */
export class StreamRegistry {
  readonly environment: ServiceEnvironment;
  readonly encryption: StreamEncryption;
  readonly #byArn = new Map<string, Stream>();
  readonly #streams: Collection<StoredStream>;
  readonly #records: Collection<StoredRecord>;
  readonly #listeners = new Listeners();

  constructor(environment: ServiceEnvironment) {
    this.environment = environment;
    this.encryption = new StreamEncryption(environment);
    this.#streams = environment.store.collection('kinesis.streams');
    this.#records = environment.store.collection('kinesis.records');
    const byId = new Map<string, Stream>();
    for (const [arn, stored] of this.#streams.entries()) {
      const stream = new Stream(stored);
      this.#byArn.set(arn, stream);
      byId.set(stored.id, stream);
    }
    const records: [Shard, KinesisRecord][] = [];
    for (const [key, { key: partitionKey, data, at }] of this.#records.entries()) {
      const [id, index, sequenceNumber] = key.split('/') as [string, string, string];
      const shard = byId.get(id)?.shards.get(Number(index));
      if (shard === undefined) continue;
      records.push([shard, { sequenceNumber, arrivedAt: at, partitionKey, data: bytesOfBase64(data) }]);
    }
    records.sort(([, a], [, b]) => compareSequenceNumbers(a.sequenceNumber, b.sequenceNumber));
    for (const [shard, record] of records) shard.restore(record);
  }

  /** Without expired records and without closed shards that have lost all of theirs. */
  find(arn: string): Stream | undefined {
    const stream = this.#byArn.get(arn);
    if (stream !== undefined) this.#trim(stream, this.environment.clock.now());
    return stream;
  }

  /** The stream that a call names. @throws ServiceError ResourceNotFoundException */
  require(naming: StreamNaming, context: RequestContext): Stream {
    const { name, account, arn } = this.locate(naming, context);
    const stream = isElsewhere(arn, context) ? undefined : this.find(arn);
    if (stream === undefined) throw streamNotFound(name, account);
    return stream;
  }

  /** Name, account and ARN that a call means, whether the stream is there or not. */
  locate(naming: StreamNaming, context: RequestContext): { name: string; account: string; arn: string } {
    const { StreamName: name, StreamARN: givenArn } = naming;
    new Constraints()
      .pattern(
        'streamARN',
        givenArn,
        /^arn:aws.*:kinesis:.*:\d{12}:stream\/\S+$/,
        'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+',
      )
      .length('streamName', name, 1, 128)
      .pattern('streamName', name, /^[a-zA-Z0-9_.-]*$/, '[a-zA-Z0-9_.-]+')
      .check();
    if (givenArn !== undefined) {
      const parts = givenArn.split(':');
      const named = givenArn.slice(givenArn.indexOf('/') + 1);
      if (name !== undefined && name !== named) {
        throw invalidArgument(`StreamARN ${givenArn} and StreamName ${name} do not match.`);
      }
      return { name: named, account: parts[4] as string, arn: givenArn };
    }
    if (name === undefined) throw invalidArgument('Either StreamARN or StreamName must be provided.');
    return { name, account: context.account, arn: streamArn(name, context) };
  }

  of({ account, region }: RequestContext): Stream[] {
    return [...this.#byArn.values()]
      .filter(({ stored }) => stored.account === account && stored.region === region)
      .sort((a, b) => (a.stored.name < b.stored.name ? -1 : 1));
  }

  create(stored: StoredStream): Stream {
    const stream = new Stream(stored);
    this.#byArn.set(stored.arn, stream);
    this.#streams.put(stored.arn, stored);
    return stream;
  }

  change(stream: Stream, change: Partial<StoredStream>): void {
    stream.stored = { ...stream.stored, ...change };
    stream.nextTrimAt = 0;
    if (change.shards !== undefined) stream.setShards(change.shards);
    this.#streams.put(stream.stored.arn, stream.stored);
    if (change.shards !== undefined) this.#listeners.tell(stream.stored.arn);
  }

  delete(stream: Stream): void {
    this.#byArn.delete(stream.stored.arn);
    this.#streams.delete(stream.stored.arn);
    for (const shard of stream.shards.values()) {
      for (const record of shard.log) this.#records.delete(this.#key(stream, shard, record));
    }
    this.#listeners.tell(stream.stored.arn);
  }

  put(stream: Stream, shard: Shard, partitionKey: string, data: Uint8Array, now: EpochMs): KinesisRecord {
    const record = shard.put(partitionKey, data, now);
    this.#records.put(this.#key(stream, shard, record), {
      key: partitionKey,
      data: base64OfBytes(data),
      at: now,
    });
    this.#listeners.tell(stream.stored.arn);
    return record;
  }

  onAvailable(arn: string, listener: () => void): () => void {
    return this.#listeners.on(arn, listener);
  }

  #key(stream: Stream, shard: Shard, record: KinesisRecord): string {
    return `${stream.stored.id}/${shard.stored.index}/${record.sequenceNumber}`;
  }

  #trim(stream: Stream, now: EpochMs): void {
    if (now < stream.nextTrimAt) return;
    const cutoff = now - stream.retentionMs;
    let isGone = false;
    // What is put from now on expires later than this.
    let nextTrimAt = now + stream.retentionMs;
    for (const shard of stream.shards.values()) {
      shard.log.trim(cutoff, (record) => this.#records.delete(this.#key(stream, shard, record)));
      const { closedAt = now } = shard.stored;
      if (closedAt <= cutoff) isGone = true;
      nextTrimAt = Math.min(nextTrimAt, (shard.log.oldest?.arrivedAt ?? closedAt) + stream.retentionMs);
    }
    stream.nextTrimAt = nextTrimAt;
    if (!isGone) return;
    const shards = stream.stored.shards.filter(({ closedAt }) => closedAt === undefined || closedAt > cutoff);
    this.change(stream, { shards });
  }
}
