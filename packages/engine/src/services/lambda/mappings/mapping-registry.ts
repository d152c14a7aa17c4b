import {
  type Collection,
  type Poller,
  type ServiceEnvironment,
  SqsPoller,
  StreamCheckpoints,
  StreamPoller,
} from '../../../core/index.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import type { Executor } from '../invocations/executor.ts';
import { FunctionConsumer, type MappingParts, type ProcessingResult } from './function-consumer.ts';
import { isPassing, type MappingRecord, SETTLE_MS, settled } from './mapping-record.ts';
import { streamKindOf, streamStartOf } from './stream-settings.ts';

/** All event source mappings, with a poller for each that is enabled; every change is written through. */
export class MappingRegistry {
  readonly #environment: ServiceEnvironment;
  readonly #stored: Collection<MappingRecord>;
  readonly #records = new Map<string, MappingRecord>();
  readonly #pollers = new Map<string, Poller>();
  /** Stopped, with batches still under way. */
  readonly #draining = new Map<string, Poller>();
  readonly #parts: MappingParts;
  readonly #checkpoints: StreamCheckpoints;

  constructor(environment: ServiceEnvironment, functions: FunctionRegistry, executor: Executor) {
    this.#environment = environment;
    this.#stored = environment.store.collection<MappingRecord>('lambda.event-source-mappings');
    this.#checkpoints = new StreamCheckpoints(environment.store, 'lambda.stream-checkpoints');
    this.#parts = { environment, functions, executor, results: new Map() };
    for (const [uuid, record] of this.#stored.entries()) this.#records.set(uuid, record);
  }

  /** Resumes polling, and settles what was passing when the process ended. */
  start(): void {
    for (const record of this.#records.values()) this.#follow(record);
  }

  get(uuid: string): MappingRecord | undefined {
    return this.#records.get(uuid);
  }

  of(account: string, region: string): MappingRecord[] {
    return [...this.#records.values()].filter((record) => record.account === account && record.region === region);
  }

  find(eventSourceArn: string, functionArn: string): MappingRecord | undefined {
    for (const record of this.#records.values()) {
      if (record.eventSourceArn === eventSourceArn && record.settings.functionArn === functionArn) return record;
    }
    return undefined;
  }

  save(record: MappingRecord): void {
    this.#records.set(record.uuid, record);
    this.#stored.put(record.uuid, record);
    this.#follow(record);
  }

  /** Changes what does not touch the polling. */
  retag(record: MappingRecord): void {
    this.#records.set(record.uuid, record);
    this.#stored.put(record.uuid, record);
  }

  #follow(record: MappingRecord): void {
    const { uuid, state } = record;
    // While settings pass from old to new the old ones stay in force, except when polling is to end.
    if (state === 'Disabling' || state === 'Deleting' || state === 'Disabled') this.#stop(uuid);
    if (isPassing(state)) {
      const at = this.#environment.clock.now() + SETTLE_MS;
      this.#environment.timers.schedule(at, () => this.#settle(uuid));
      if (state === 'Updating' && record.settings.isEnabled) this.#poll(record);
    } else if (state === 'Enabled') this.#poll(record);
  }

  #settle(uuid: string): void {
    const record = this.#records.get(uuid);
    if (record === undefined || !isPassing(record.state)) return;
    this.#stop(uuid);
    const next = settled(record);
    if (next !== undefined) {
      this.save(next);
      return;
    }
    this.#records.delete(uuid);
    this.#stored.delete(uuid);
    this.#checkpoints.forget(uuid);
    this.#parts.results.delete(uuid);
  }

  /** Takes up a new mapping. In a stream it begins at the place where the stream is now, not when polling starts. */
  create(record: MappingRecord): void {
    const { stream } = record.settings;
    if (stream !== undefined) {
      const { streams } = this.#environment;
      for (const { shardId } of streams.shards(record.eventSourceArn)) {
        const position = streams.positionOf(record.eventSourceArn, shardId, streamStartOf(stream));
        this.#checkpoints.save(record.uuid, shardId, { lanes: [position] });
      }
    }
    this.save(record);
  }

  /** What came of the last batch of a mapping from a stream. */
  lastResult(uuid: string): ProcessingResult {
    return this.#parts.results.get(uuid) ?? 'No records processed';
  }

  #pollerOf(record: MappingRecord): Poller {
    const { uuid, region, eventSourceArn, settings } = record;
    const { stream } = settings;
    if (stream === undefined) {
      const reading = { ...settings, queueArn: eventSourceArn, region };
      return new SqsPoller(this.#environment, reading, new FunctionConsumer(this.#parts, record));
    }
    const kind = streamKindOf(eventSourceArn) ?? 'kinesis';
    const reading = { ...settings, ...stream, readerId: uuid, streamArn: eventSourceArn, kind };
    const consumer = new FunctionConsumer(this.#parts, record, kind);
    return new StreamPoller(this.#environment, this.#checkpoints, reading, consumer);
  }

  #poll(record: MappingRecord): void {
    const { uuid } = record;
    if (this.#pollers.has(uuid)) return;
    const poller = this.#pollerOf(record);
    this.#pollers.set(uuid, poller);
    this.#afterDraining(uuid, () => {
      if (this.#pollers.get(uuid) === poller) poller.start();
    });
  }

  /** What was under way before an update ends first, so that nothing is worked on twice at a time. */
  #afterDraining(uuid: string, then: () => void): void {
    const draining = this.#draining.get(uuid);
    if (draining === undefined) then();
    else draining.whenIdle(then);
  }

  #stop(uuid: string): void {
    const poller = this.#pollers.get(uuid);
    if (poller === undefined) return;
    this.#pollers.delete(uuid);
    poller.stop();
    // As long as another is draining, this one has not even started.
    if (this.#draining.has(uuid)) return;
    this.#draining.set(uuid, poller);
    poller.whenIdle(() => {
      if (this.#draining.get(uuid) === poller) this.#draining.delete(uuid);
    });
  }
}
