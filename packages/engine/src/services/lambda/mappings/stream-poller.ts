import type { EpochMs } from '@holdfast/kernel';
import type { ServiceEnvironment, SourceRecord, SourceShard } from '../../../core/index.ts';
import type { FunctionRegistry, ResolvedFunction } from '../functions/function-registry.ts';
import type { Executor } from '../invocations/executor.ts';
import { recordMetric } from '../invocations/function-metrics.ts';
import type { MappingRecord } from './mapping-record.ts';
import type { Poller } from './poller.ts';
import { readStreamResponse, type StreamOutcome } from './stream-attempt.ts';
import { laneOf, type StreamCheckpoints, wasDone, withLanes } from './stream-checkpoints.ts';
import { type StreamCondition, sendFailureRecord } from './stream-failure-record.ts';
import { compileStreamFilters } from './stream-filter.ts';
import {
  type LaneEntry,
  type LaneHost,
  type LaneOffer,
  type LaneResponse,
  type LaneSettings,
  StreamLane,
} from './stream-lane.ts';
import { type StreamKind, type StreamSettings, streamKindOf } from './stream-settings.ts';
import { readWindowState, TumblingWindows, windowMembers } from './stream-window.ts';

/** `LastProcessingResult` of a mapping, in AWS's words. */
export type ProcessingResult = 'No records processed' | 'OK' | 'PROBLEM: Function call failed';

/** What the pollers of streams share. */
export interface StreamPolling {
  readonly environment: ServiceEnvironment;
  readonly functions: FunctionRegistry;
  readonly executor: Executor;
  readonly checkpoints: StreamCheckpoints;
  /** By mapping. */
  readonly results: Map<string, ProcessingResult>;
}

interface ActiveShard {
  shard: SourceShard;
  readonly lanes: readonly StreamLane[];
}

/**
 * Times of records are fractions to AWS, `1795258507.0` even on the second: Python and others tell that from an integer.
 * A text that only looks like such a member has its quotes escaped.
 */
const withFraction = (eventText: string): string =>
  eventText.replace(/"(approximateArrivalTimestamp|ApproximateCreationDateTime)":\d+(?=[,}])/, '$&.0');

/**
 * Reads one stream for one function: each shard by its own lanes, children after their parents. Works on notice of the
 * stream and never asks at fixed times.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export class StreamPoller implements Poller {
  readonly #parts: StreamPolling;
  readonly #mapping: MappingRecord;
  readonly #stream: StreamSettings;
  readonly #kind: StreamKind;
  readonly #settings: LaneSettings;
  readonly #accepts: (record: Readonly<Record<string, unknown>>) => boolean;
  readonly #active = new Map<string, ActiveShard>();
  readonly #idleListeners: (() => void)[] = [];
  #unsubscribe: (() => void) | undefined;
  #isRunning = false;
  #hasPumpAhead = false;

  constructor(parts: StreamPolling, mapping: MappingRecord, stream: StreamSettings) {
    this.#parts = parts;
    this.#mapping = mapping;
    this.#stream = stream;
    this.#kind = streamKindOf(mapping.eventSourceArn) ?? 'kinesis';
    const { batchSize, windowSeconds, filters } = mapping.settings;
    const { bisects, maximumRetryAttempts } = stream;
    this.#settings = { batchSize, windowMs: windowSeconds * 1_000, bisects, maximumRetryAttempts };
    this.#accepts = compileStreamFilters(this.#kind, filters);
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    const { streams } = this.#parts.environment;
    this.#unsubscribe = streams.onAvailable(this.#mapping.eventSourceArn, () => this.#pumpSoon());
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
    const { timers, clock } = this.#parts.environment;
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
    const { environment, checkpoints } = this.#parts;
    const { uuid, eventSourceArn } = this.#mapping;
    const shards = environment.streams.shards(eventSourceArn);
    const present = new Set(shards.map((shard) => shard.shardId));
    checkpoints.retain(uuid, present);
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
    const { checkpoints } = this.#parts;
    const isFinished = (id: string): boolean => checkpoints.get(this.#mapping.uuid, id)?.isFinished === true;
    return !isFinished(shard.shardId) && shard.parentIds.every((id) => !present.has(id) || isFinished(id));
  }

  #activate(shard: SourceShard): void {
    const { environment, checkpoints } = this.#parts;
    const { uuid, eventSourceArn } = this.#mapping;
    const { shardId } = shard;
    const count = this.#stream.parallelizationFactor;
    const widthMs = (this.#stream.tumblingWindowSeconds ?? 0) * 1_000;
    // A shard that came after the mapping is read from its beginning.
    const stored = checkpoints.get(uuid, shardId) ?? {
      lanes: [environment.streams.positionOf(eventSourceArn, shardId, { at: 'TRIM_HORIZON' })],
    };
    const checkpoint = withLanes(stored, count);
    const active: ActiveShard = {
      shard,
      lanes: checkpoint.lanes.map((position, lane) => {
        // Several lanes have no windows, but for one that was open when the mapping was changed.
        const windows = new TumblingWindows(widthMs, lane === 0 ? checkpoint.window : undefined);
        return new StreamLane(this.#hostOf(shardId, lane, count), position, windows);
      }),
    };
    this.#active.set(shardId, active);
    checkpoints.save(uuid, shardId, checkpoint);
  }

  #hostOf(shardId: string, lane: number, count: number): LaneHost {
    const { environment, checkpoints } = this.#parts;
    const { streams, timers, clock } = environment;
    const { uuid, eventSourceArn } = this.#mapping;
    const poller = this;
    return {
      settings: this.#settings,
      timers,
      get isRunning() {
        return poller.#isRunning;
      },
      now: () => clock.now(),
      read: (after, max) => streams.read(eventSourceArn, shardId, after, max),
      entryOf: (record) => {
        if (count > 1 && laneOf(record.orderKey, count) !== lane) return undefined;
        const checkpoint = checkpoints.get(uuid, shardId);
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
    const role = this.#kind === 'kinesis' ? this.#target()?.version.role : undefined;
    const text = withFraction(JSON.stringify(role === undefined ? event : { ...event, invokeIdentityArn: role }));
    const { sequenceNumber, arrivedAt } = record;
    return { sequenceNumber, arrivedAt, text, bytes: Buffer.byteLength(text) + 1 };
  }

  #recordAgeMaxMs(): number {
    const { maximumRecordAgeSeconds } = this.#stream;
    const retentionMs = this.#parts.environment.streams.facts(this.#mapping.eventSourceArn)?.retentionMs;
    const byStream = retentionMs ?? Number.POSITIVE_INFINITY;
    return maximumRecordAgeSeconds < 0 ? byStream : Math.min(byStream, maximumRecordAgeSeconds * 1_000);
  }

  #target(): ResolvedFunction | undefined {
    return this.#parts.functions.resolveArn(this.#mapping.settings.functionArn);
  }

  #invoke(shardId: string, { entries, window, closing }: LaneOffer, onDone: Parameters<LaneHost['invoke']>[1]): void {
    const { environment, executor, results } = this.#parts;
    const { uuid, settings, eventSourceArn } = this.#mapping;
    const target = this.#target();
    if (target === undefined) {
      onDone({ kind: 'refused' }, undefined);
      return;
    }
    const requestId = environment.ids.uuid();
    const startedAt: EpochMs = environment.clock.now();
    const beside = window === undefined ? '' : windowMembers(window, closing, shardId, eventSourceArn);
    const payload = `{"Records":[${entries.map((entry) => entry.text).join(',')}]${beside}}`;
    const refusal = executor.run({ target, requestId, payload, traceHeader: undefined }, (result) => {
      const isFunctionError = result.isError;
      const state = window === undefined || isFunctionError ? undefined : readWindowState(result.payload);
      const isStateMissing = window !== undefined && state === undefined;
      const outcome: StreamOutcome =
        isFunctionError || isStateMissing
          ? { kind: 'failed-from', index: 0 }
          : settings.reportsBatchItemFailures
            ? readStreamResponse(
                result.payload,
                entries.map((entry) => entry.sequenceNumber),
              )
            : { kind: 'success' };
      results.set(uuid, outcome.kind === 'success' ? 'OK' : 'PROBLEM: Function call failed');
      onDone(outcome, { requestId, executedVersion: result.executedVersion, isFunctionError }, state);
    });
    if (refusal !== undefined) {
      onDone({ kind: 'refused' }, undefined);
      return;
    }
    if (entries.length === 0) return;
    const ageMs = startedAt - (entries.at(-1)?.arrivedAt ?? startedAt);
    recordMetric(environment.metrics, target.record, target.qualifier, 'IteratorAge', ageMs, startedAt, 'Milliseconds');
  }

  #discard(
    shardId: string,
    entries: readonly LaneEntry[],
    condition: StreamCondition,
    attempts: number,
    response: LaneResponse | undefined,
  ): void {
    const { environment, results } = this.#parts;
    const { uuid, eventSourceArn, settings } = this.#mapping;
    const { onFailureArn } = this.#stream;
    results.set(uuid, 'PROBLEM: Function call failed');
    if (onFailureArn === undefined) return;
    const now = environment.clock.now();
    const target = this.#target();
    const sent = sendFailureRecord(
      environment,
      onFailureArn,
      {
        kind: this.#kind,
        mappingUuid: uuid,
        streamArn: eventSourceArn,
        shardId,
        functionArn: settings.functionArn,
        roleArn: target?.version.role,
        requestId: response?.requestId ?? environment.ids.uuid(),
        condition,
        attempts,
        response: condition === 'RecordAgeExceeded' ? undefined : response,
        entries,
      },
      now,
    );
    if (sent.ok || target === undefined) return;
    recordMetric(environment.metrics, target.record, target.qualifier, 'DestinationDeliveryFailures', 1, now);
  }

  #save(shardId: string): void {
    const { checkpoints } = this.#parts;
    const { uuid } = this.#mapping;
    const active = this.#active.get(shardId);
    const checkpoint = checkpoints.get(uuid, shardId);
    // Without one the mapping has been deleted meanwhile, or the shard is gone.
    if (active === undefined || checkpoint === undefined) return;
    const { window: _before, ...rest } = checkpoint;
    const window = active.lanes[0]?.window;
    const lanes = active.lanes.map((lane) => lane.position);
    checkpoints.save(uuid, shardId, { ...rest, lanes, ...(window === undefined ? {} : { window }) });
  }

  #laneIdle(shardId: string): void {
    const active = this.#active.get(shardId);
    if (this.#isRunning && active?.shard.isOpen === false && active.lanes.every((lane) => lane.isFinished)) {
      const { checkpoints } = this.#parts;
      const checkpoint = checkpoints.get(this.#mapping.uuid, shardId);
      if (checkpoint !== undefined) {
        checkpoints.save(this.#mapping.uuid, shardId, { lanes: checkpoint.lanes, isFinished: true });
      }
      this.#active.delete(shardId);
      this.#pumpSoon();
    }
    this.#tellIdle();
  }
}
