import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import type { Executor } from './executor.ts';
import type { FunctionRegistry } from './function-registry.ts';
import { isPassing, type MappingRecord, SETTLE_MS, settled } from './mapping-record.ts';
import { SqsPoller } from './sqs-poller.ts';

/** All event source mappings, with a poller for each that is enabled; every change is written through. */
export class MappingRegistry {
  readonly #environment: ServiceEnvironment;
  readonly #functions: FunctionRegistry;
  readonly #executor: Executor;
  readonly #stored: Collection<MappingRecord>;
  readonly #records = new Map<string, MappingRecord>();
  readonly #pollers = new Map<string, SqsPoller>();

  constructor(environment: ServiceEnvironment, functions: FunctionRegistry, executor: Executor) {
    this.#environment = environment;
    this.#functions = functions;
    this.#executor = executor;
    this.#stored = environment.store.collection<MappingRecord>('lambda.event-source-mappings');
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
  }

  #poll(record: MappingRecord): void {
    if (this.#pollers.has(record.uuid)) return;
    const poller = new SqsPoller(this.#environment, this.#functions, this.#executor, record);
    this.#pollers.set(record.uuid, poller);
    poller.start();
  }

  #stop(uuid: string): void {
    this.#pollers.get(uuid)?.stop();
    this.#pollers.delete(uuid);
  }
}
