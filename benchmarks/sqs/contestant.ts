import { setTimeout as sleep } from 'node:timers/promises';
import { jsonCall } from '../src/http-load.ts';
import { BARE, type ServerUnderTest } from '../src/servers.ts';
import { BATCH_SIZE, REQUESTS_PER_UNIT, TAKEN_PER_UNIT, type Target, type Workload } from './calls.ts';
import type { Load } from './load.ts';

/** A queue, and how many messages are in it. */
export interface FilledQueue {
  readonly target: Target;
  waiting: number;
  /** There was no time for as many as were asked for. */
  isShort: boolean;
}

/** What one short measurement found. */
export interface Stretch {
  readonly units: number;
  readonly requests: number;
  /** Requests of finished units. */
  readonly perSecond: number;
  /** Not one unit was finished in time: the rate is less than this. */
  readonly isBound: boolean;
  /** Of the server, until it was quiet again. */
  readonly cpuMs: number | undefined;
  readonly tookMs: number;
}

/** Deleting a queue with a million messages may take its time. */
const CALL_WITHIN_MS = 30_000;
const FILL_CONNECTIONS = 16;
const QUIET_MS = 30;
const QUIET_WITHIN_MS = 500;
const QUIET_AFTER_FILL_WITHIN_MS = 3_000;
/** When a load was dropped the server still works on what it was sent. */
const QUIET_AFTER_DROP_WITHIN_MS = 5_000;

/** A server that takes part, and the client that puts load on it. */
export class Contestant {
  readonly server: ServerUnderTest;
  readonly #load: Load;
  #queues = 0;

  constructor(server: ServerUnderTest, load: Load) {
    this.server = server;
    this.#load = load;
  }

  get name(): string {
    return this.server.name;
  }

  async createQueue(): Promise<FilledQueue> {
    const input = { QueueName: `q${++this.#queues}`, Attributes: { VisibilityTimeout: '600' } };
    const { QueueUrl } = await this.#call<{ QueueUrl: string }>('CreateQueue', input);
    return { target: { port: this.server.port, queueUrl: QueueUrl }, waiting: 0, isShort: false };
  }

  async deleteQueue({ target }: FilledQueue): Promise<void> {
    await this.#call('DeleteQueue', { QueueUrl: target.queueUrl });
  }

  /** Puts messages into the queue until so many wait there, or the time is over. */
  async fill(queue: FilledQueue, messages: number, withinMs: number, bodyBytes?: number): Promise<void> {
    if (this.name === BARE) queue.waiting = messages;
    if (queue.waiting >= messages) return;
    const { units } = await this.#load.run({
      target: queue.target,
      workload: 'send-batch',
      connections: FILL_CONNECTIONS,
      unitsMax: Math.ceil((messages - queue.waiting) / BATCH_SIZE),
      forMs: withinMs,
      graceMs: QUIET_AFTER_DROP_WITHIN_MS,
      ...(bodyBytes === undefined ? {} : { bodyBytes }),
    });
    queue.waiting += units * BATCH_SIZE;
    await this.untilQuiet(QUIET_AFTER_FILL_WITHIN_MS);
  }

  async stretch(
    queue: FilledQueue,
    workload: Workload,
    connections: number,
    time: { readonly forMs: number; readonly graceMs: number },
  ): Promise<Stretch> {
    const before = this.server.cpuMs();
    const begin = performance.now();
    const { units, requests, unitsPerSecond, seconds, dropped } = await this.#load.run({
      target: queue.target,
      workload,
      connections,
      ...time,
    });
    await this.untilQuiet(dropped > 0 ? QUIET_AFTER_DROP_WITHIN_MS : QUIET_WITHIN_MS);
    const after = this.server.cpuMs();
    // What was received and not deleted does not wait any longer either.
    queue.waiting -= (units + dropped) * (TAKEN_PER_UNIT[workload] ?? 0);
    return {
      units,
      requests,
      perSecond: (units === 0 ? 1 / seconds : unitsPerSecond) * REQUESTS_PER_UNIT[workload],
      isBound: units === 0,
      cpuMs: before === undefined || after === undefined ? undefined : after - before,
      tookMs: performance.now() - begin,
    };
  }

  async wakeUps(queue: FilledQueue, count: number, forMs: number): Promise<readonly number[]> {
    return this.#load.wakeUps({ target: queue.target, count, forMs });
  }

  /** Waits until the server has done what it put off: the next one shall have the machine to itself. */
  async untilQuiet(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs;
    let before = this.server.cpuMs();
    while (before !== undefined && performance.now() < until) {
      await sleep(QUIET_MS);
      const now = this.server.cpuMs();
      if (now === before) return;
      before = now;
    }
  }

  async #call<Output>(action: string, input: object): Promise<Output> {
    const answer = await fetch(`http://127.0.0.1:${this.server.port}/`, {
      method: 'POST',
      headers: jsonCall(`AmazonSQS.${action}`),
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(CALL_WITHIN_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${this.name} answers ${action} with ${answer.status}: ${text.slice(0, 200)}`);
    return (text === '' ? {} : JSON.parse(text)) as Output;
  }
}
