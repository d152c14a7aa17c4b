import { DAY_MS, type EpochMs } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import type { StoredEvent, StoredExecution, Thread } from './running/execution.ts';
import { Rows } from './running/rows.ts';

/** How long a closed execution can be asked for, and its name stays taken. */
const RETENTION_MS = 90 * DAY_MS;

/** All executions there are: facts in memory, inputs, outputs, histories and threads where they cost nothing. */
export class Executions {
  readonly history: Rows<StoredEvent>;
  readonly threads: Rows<Thread>;
  readonly #payloads: Rows<string>;
  readonly #facts: Collection<StoredExecution>;
  readonly #environment: ServiceEnvironment;
  readonly #byArn = new Map<string, StoredExecution>();
  readonly #bySerial = new Map<number, StoredExecution>();
  /** By machine, in the order of their starts. */
  readonly #byMachine = new Map<string, Set<StoredExecution>>();
  #serial = 0;
  #isSweeping = false;

  constructor(environment: ServiceEnvironment) {
    const { store } = environment;
    this.#environment = environment;
    this.history = new Rows(store, 'states.history');
    this.threads = new Rows(store, 'states.threads');
    this.#payloads = new Rows(store, 'states.payloads');
    this.#facts = store.collection('states.executions');
    const stored = [...this.#facts.entries()].map(([, record]) => record).sort((a, b) => a.serial - b.serial);
    for (const record of stored) this.#index(record);
  }

  nextSerial(): number {
    this.#serial += 1;
    return this.#serial;
  }

  add(record: StoredExecution, input: string): void {
    this.#index(record);
    this.#payloads.put(`${record.serial}/in`, input);
    this.save(record);
  }

  save(record: StoredExecution): void {
    this.#facts.put(String(record.serial), record);
  }

  get(arn: string): StoredExecution | undefined {
    return this.#byArn.get(arn);
  }

  bySerial(serial: number): StoredExecution | undefined {
    return this.#bySerial.get(serial);
  }

  of(machineArn: string): Iterable<StoredExecution> {
    return this.#byMachine.get(machineArn) ?? [];
  }

  all(): IterableIterator<StoredExecution> {
    return this.#bySerial.values();
  }

  inputOf({ serial }: StoredExecution): string {
    return this.#payloads.get(`${serial}/in`) ?? '{}';
  }

  outputOf({ serial }: StoredExecution): string | undefined {
    return this.#payloads.get(`${serial}/out`);
  }

  keepOutput({ serial }: StoredExecution, output: string): void {
    this.#payloads.put(`${serial}/out`, output);
  }

  event({ serial }: StoredExecution, id: number): StoredEvent | undefined {
    return this.history.get(`${serial}/${id}`);
  }

  /** Threads that an execution had when it was stored last. */
  threadsOf(record: StoredExecution): Thread[] {
    const threads: Thread[] = [];
    for (let id = 0; id < record.threadCount; id++) {
      const thread = this.threads.get(`${record.serial}/${id}`);
      if (thread !== undefined) threads.push(structuredClone(thread));
    }
    return threads;
  }

  remove(record: StoredExecution): void {
    this.#byArn.delete(record.arn);
    this.#bySerial.delete(record.serial);
    this.#byMachine.get(record.machineArn)?.delete(record);
    for (let id = 1; id <= record.eventCount; id++) this.history.delete(`${record.serial}/${id}`);
    for (let id = 0; id < record.threadCount; id++) this.threads.delete(`${record.serial}/${id}`);
    this.#payloads.delete(`${record.serial}/in`);
    this.#payloads.delete(`${record.serial}/out`);
    this.#facts.delete(String(record.serial));
  }

  /** Sees to it that closed executions go when their time is over. */
  sweepLater(): void {
    if (this.#isSweeping) return;
    let oldest: EpochMs | undefined;
    for (const { stoppedAt } of this.#bySerial.values()) {
      if (stoppedAt !== undefined && (oldest === undefined || stoppedAt < oldest)) oldest = stoppedAt;
    }
    if (oldest === undefined) return;
    this.#isSweeping = true;
    this.#environment.timers.schedule(oldest + RETENTION_MS, (now) => {
      this.#isSweeping = false;
      for (const record of [...this.#bySerial.values()]) {
        if (record.stoppedAt !== undefined && record.stoppedAt <= now - RETENTION_MS) this.remove(record);
      }
      this.sweepLater();
    });
  }

  #index(record: StoredExecution): void {
    this.#serial = Math.max(this.#serial, record.serial);
    this.#byArn.set(record.arn, record);
    this.#bySerial.set(record.serial, record);
    const siblings = this.#byMachine.get(record.machineArn) ?? new Set();
    siblings.add(record);
    this.#byMachine.set(record.machineArn, siblings);
  }
}
