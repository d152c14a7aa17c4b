import { type EpochMs, utf8Length } from '@holdfast/kernel';
import type { ServiceEnvironment } from '../environment.ts';
import type { SourceRecord, SourceShard } from '../stream-source.ts';
import type { BatchConsumer } from './batch-consumer.ts';
import type { LaneEntry, LaneHost, LaneOffer, LaneResponse, LaneSettings, StreamCondition } from './lane-host.ts';
import type { Poller } from './poller.ts';
import { readStreamResponse, type StreamOutcome } from './stream-attempt.ts';
import { laneOf, type StreamCheckpoints, wasDone, withLanes } from './stream-checkpoints.ts';
import { compileStreamFilters, type StreamKind } from './stream-filter.ts';
import { StreamLane } from './stream-lane.ts';
import { readWindowState, TumblingWindows, windowMembers } from './stream-window.ts';

/** What is read, and how it is cut into batches. */
export interface StreamReading {
  /** Whose checkpoints these are. */
  readonly readerId: string;
  readonly streamArn: string;
  readonly kind: StreamKind;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Patterns as text; none means that everything passes. */
  readonly filters: readonly string[];
  readonly reportsBatchItemFailures: boolean;
  /** Batches of one shard in work at once. */
  readonly parallelizationFactor: number;
  readonly bisects: boolean;
  /** -1: until the record leaves the stream. */
  readonly maximumRetryAttempts: number;
  /** -1: as long as the stream keeps it. */
  readonly maximumRecordAgeSeconds: number;
  /** 0 or absent: no tumbling windows. */
  readonly tumblingWindowSeconds?: number | undefined;
}

/** Records of one shard that were given up. */
export interface GivenUp {
  readonly shardId: string;
  readonly entries: readonly LaneEntry[];
  readonly condition: StreamCondition;
  readonly attempts: number;
  /** Of the last attempt that reached the consumer; absent when the records became too old. */
  readonly response: LaneResponse | undefined;
  /** Of that attempt, or made up for records that were never handed over. */
  readonly requestId: string;
}

/** A consumer that learns what became of its batches. */
export interface StreamConsumer extends BatchConsumer {
  /** Whether the last batch was all done. */
  worked(isDone: boolean): void;
  gaveUp(records: GivenUp): void;
}

interface ActiveShard {
  shard: SourceShard;
  readonly lanes: readonly StreamLane[];
}

const ALL_FAILED: StreamOutcome = { kind: 'failed-from', index: 0 };

/**
 * Times of records are fractions to AWS, `1795258507.0` even on the second: Python and others tell that from an integer.
 * A text that only looks like such a member has its quotes escaped.
 */
const withFraction = (eventText: string): string =>
  eventText.replace(/"(approximateArrivalTimestamp|ApproximateCreationDateTime)":\d+(?=[,}])/, '$&.0');

/**
 * Reads one stream for one consumer: each shard by its own lanes, children after their parents. Works on notice of the
 * stream and never asks at fixed times.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export class StreamPoller implements Poller {
  readonly #environment: ServiceEnvironment;
  readonly #checkpoints: StreamCheckpoints;
  readonly #reading: StreamReading;
  readonly #consumer: StreamConsumer;
  readonly #settings: LaneSettings;
  readonly #accepts: (record: Readonly<Record<string, unknown>>) => boolean;
  readonly #active = new Map<string, ActiveShard>();
  readonly #idleListeners: (() => void)[] = [];
  #unsubscribe: (() => void) | undefined;
  #isRunning = false;
  #hasPumpAhead = false;

  constructor(
    environment: ServiceEnvironment,
    checkpoints: StreamCheckpoints,
    reading: StreamReading,
    consumer: StreamConsumer,
  ) {
    this.#environment = environment;
    this.#checkpoints = checkpoints;
    this.#reading = reading;
    this.#consumer = consumer;
    const { batchSize, windowSeconds, bisects, maximumRetryAttempts } = reading;
    const { batchBytesMax } = consumer;
    this.#settings = { batchSize, windowMs: windowSeconds * 1_000, bisects, maximumRetryAttempts, batchBytesMax };
    this.#accepts = compileStreamFilters(reading.kind, reading.filters);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { streams } = this.#environment;
    this.#unsubscribe = streams.onAvailable(this.#reading.streamArn, () => this.#pumpSoon());
    this.#pumpSoon();
  }

  stop(): void {
    this.#isRunning = false;
    this.#unsubscribe?.();
    for (const { lanes } of this.#active.values()) for (const lane of lanes) lane.stop();
  }

  whenIdle(listener: () => void): void {
    this.#idleListeners.push(listener);
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#isRunning) return;
    for (const { lanes } of this.#active.values()) if (lanes.some((lane) => lane.isBusy)) return;
    for (const listener of this.#idleListeners.splice(0)) listener();
  }

  /** After everything else that is due at this instant: records that arrive together are taken together. */
  #pumpSoon(): void {
    if (this.#hasPumpAhead || !this.#isRunning) return;
    this.#hasPumpAhead = true;
    const { timers, clock } = this.#environment;
    timers.schedule(clock.now(), () => {
      this.#hasPumpAhead = false;
      if (this.#isRunning) this.#pump();
    });
  }

  #pump(): void {
    this.#followShards();
    for (const { lanes } of [...this.#active.values()]) for (const lane of lanes) lane.pump();
  }

  /** Takes up shards whose parents are done, and learns which have been closed. */
  #followShards(): void {
    const shards = this.#environment.streams.shards(this.#reading.streamArn);
    const present = new Set(shards.map((shard) => shard.shardId));
    this.#checkpoints.retain(this.#reading.readerId, present);
    for (const [shardId, { lanes }] of this.#active) {
      if (present.has(shardId) || lanes.some((lane) => lane.isBusy)) continue;
      for (const lane of lanes) lane.stop();
      this.#active.delete(shardId);
    }
    for (const shard of shards) {
      const active = this.#active.get(shard.shardId);
      if (active !== undefined) active.shard = shard;
      else if (this.#isReady(shard, present)) this.#activate(shard);
    }
  }

  #isReady(shard: SourceShard, present: ReadonlySet<string>): boolean {
    const isFinished = (id: string): boolean => this.#checkpoints.get(this.#reading.readerId, id)?.isFinished === true;
    return !isFinished(shard.shardId) && shard.parentIds.every((id) => !present.has(id) || isFinished(id));
  }

  #activate(shard: SourceShard): void {
    const { readerId, streamArn, parallelizationFactor: count, tumblingWindowSeconds = 0 } = this.#reading;
    const { shardId } = shard;
    const widthMs = tumblingWindowSeconds * 1_000;
    // A shard that came after the reader is read from its beginning.
    const stored = this.#checkpoints.get(readerId, shardId) ?? {
      lanes: [this.#environment.streams.positionOf(streamArn, shardId, { at: 'TRIM_HORIZON' })],
    };
    const checkpoint = withLanes(stored, count);
    const active: ActiveShard = {
      shard,
      lanes: checkpoint.lanes.map((position, lane) => {
        // Several lanes have no windows, but for one that was open when the settings were changed.
        const windows = new TumblingWindows(widthMs, lane === 0 ? checkpoint.window : undefined);
        return new StreamLane(this.#hostOf(shardId, lane, count), position, windows);
      }),
    };
    this.#active.set(shardId, active);
    this.#checkpoints.save(readerId, shardId, checkpoint);
  }

  #hostOf(shardId: string, lane: number, count: number): LaneHost {
    const { streams, timers, clock } = this.#environment;
    const { readerId, streamArn } = this.#reading;
    const poller = this;
    return {
      settings: this.#settings,
      timers,
      get isRunning() {
        return poller.#isRunning;
      },
      now: () => clock.now(),
      read: (after, max) => streams.read(streamArn, shardId, after, max),
      entryOf: (record) => {
        if (count > 1 && laneOf(record.orderKey, count) !== lane) return undefined;
        const checkpoint = this.#checkpoints.get(readerId, shardId);
        return checkpoint !== undefined && wasDone(checkpoint, record) ? undefined : this.#entryOf(record);
      },
      recordAgeMaxMs: () => this.#recordAgeMaxMs(),
      endOfShard: () => {
        const shard = this.#active.get(shardId)?.shard;
        return shard?.isOpen === false ? shard.lastSequenceNumber : undefined;
      },
      invoke: (offer, onDone) => this.#invoke(shardId, offer, onDone),
      discard: (entries, condition, attempts, response) =>
        this.#discard(shardId, entries, condition, attempts, response),
      moved: () => this.#save(shardId),
      idle: () => this.#laneIdle(shardId),
    };
  }

  #entryOf(record: SourceRecord): LaneEntry | undefined {
    const event = record.eventRecord();
    if (!this.#accepts(event)) return undefined;
    const role = this.#reading.kind === 'kinesis' ? this.#consumer.roleArn() : undefined;
    const text = withFraction(JSON.stringify(role === undefined ? event : { ...event, invokeIdentityArn: role }));
    const { sequenceNumber, arrivedAt } = record;
    return { sequenceNumber, arrivedAt, text, bytes: utf8Length(text) + 1 };
  }

  #recordAgeMaxMs(): number {
    const { maximumRecordAgeSeconds, streamArn } = this.#reading;
    const byStream = this.#environment.streams.facts(streamArn)?.retentionMs ?? Number.POSITIVE_INFINITY;
    return maximumRecordAgeSeconds < 0 ? byStream : Math.min(byStream, maximumRecordAgeSeconds * 1_000);
  }

  #invoke(shardId: string, { entries, window, closing }: LaneOffer, onDone: Parameters<LaneHost['invoke']>[1]): void {
    const { streamArn } = this.#reading;
    const requestId = this.#environment.ids.uuid();
    const startedAt: EpochMs = this.#environment.clock.now();
    const besideRecords = window === undefined ? '' : windowMembers(window, closing, shardId, streamArn);
    const records = entries.map((entry) => entry.text);
    const refusal = this.#consumer.offer({ requestId, records, besideRecords, traceHeader: undefined }, (result) => {
      if (typeof result === 'string') {
        onDone({ kind: 'refused' }, undefined);
        return;
      }
      const { isError, payload, executedVersion } = result;
      const state = window === undefined || isError ? undefined : readWindowState(payload);
      const isStateMissing = window !== undefined && state === undefined;
      const outcome = isError || isStateMissing ? ALL_FAILED : this.#outcomeOf(payload, entries);
      this.#consumer.worked(outcome.kind === 'success');
      onDone(outcome, { requestId, executedVersion, isFunctionError: isError }, state);
    });
    if (refusal !== undefined) {
      onDone({ kind: 'refused' }, undefined);
      return;
    }
    const newest = entries.at(-1);
    if (newest !== undefined) this.#consumer.iteratorAge?.(startedAt - newest.arrivedAt, startedAt);
  }

  #outcomeOf(payload: string, entries: readonly LaneEntry[]): StreamOutcome {
    if (!this.#reading.reportsBatchItemFailures) return { kind: 'success' };
    return readStreamResponse(
      payload,
      entries.map((entry) => entry.sequenceNumber),
    );
  }

  #discard(
    shardId: string,
    entries: readonly LaneEntry[],
    condition: StreamCondition,
    attempts: number,
    last: LaneResponse | undefined,
  ): void {
    this.#consumer.worked(false);
    const response = condition === 'RecordAgeExceeded' ? undefined : last;
    const requestId = last?.requestId ?? this.#environment.ids.uuid();
    this.#consumer.gaveUp({ shardId, entries, condition, attempts, response, requestId });
  }

  #save(shardId: string): void {
    const { readerId } = this.#reading;
    const active = this.#active.get(shardId);
    const checkpoint = this.#checkpoints.get(readerId, shardId);
    // Without one the reader has been deleted meanwhile, or the shard is gone.
    if (active === undefined || checkpoint === undefined) return;
    const { window: _before, ...rest } = checkpoint;
    const window = active.lanes[0]?.window;
    const lanes = active.lanes.map((lane) => lane.position);
    this.#checkpoints.save(readerId, shardId, { ...rest, lanes, ...(window === undefined ? {} : { window }) });
  }

  #laneIdle(shardId: string): void {
    const active = this.#active.get(shardId);
    if (this.#isRunning && active?.shard.isOpen === false && active.lanes.every((lane) => lane.isFinished)) {
      const { readerId } = this.#reading;
      const checkpoint = this.#checkpoints.get(readerId, shardId);
      if (checkpoint !== undefined) {
        this.#checkpoints.save(readerId, shardId, { lanes: checkpoint.lanes, isFinished: true });
      }
      this.#active.delete(shardId);
      this.#pumpSoon();
    }
    this.#tellIdle();
  }
}
