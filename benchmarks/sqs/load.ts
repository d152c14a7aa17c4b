import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadResult } from '../src/http-load.ts';
import { ownChild } from '../src/own-children.ts';
import type { Target, Workload } from './calls.ts';

export interface LoadOrder {
  readonly kind: 'load';
  readonly target: Target;
  readonly workload: Workload;
  readonly connections: number;
  readonly bodyBytes?: number;
  /** See `runLoad`. */
  readonly unitsMax?: number;
  readonly forMs: number;
  readonly graceMs?: number;
}

export interface WakeUpOrder {
  readonly kind: 'wake-up';
  readonly target: Target;
  readonly count: number;
  /** No round begins later. */
  readonly forMs: number;
}

interface LoadAnswer {
  readonly load?: LoadResult;
  readonly latencies?: readonly number[];
  readonly error?: string;
}

/** Beyond the time that an order has: then its server hangs. */
const ANSWER_WITHIN_MS = 30_000;

const startClient = (): ChildProcess =>
  ownChild(
    fork(fileURLToPath(new URL('./load-main.ts', import.meta.url)), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    }),
  );

/** The client in a process of its own, so that it does not share a thread with what is measured. */
export class Load {
  #child = startClient();

  async run(order: Omit<LoadOrder, 'kind'>): Promise<LoadResult> {
    return (await this.#order({ kind: 'load', ...order })).load as LoadResult;
  }

  /** Milliseconds from a send to the answer of the receive that waited for it. */
  async wakeUps(order: Omit<WakeUpOrder, 'kind'>): Promise<readonly number[]> {
    return (await this.#order({ kind: 'wake-up', ...order })).latencies as readonly number[];
  }

  stop(): void {
    this.#child.kill();
  }

  /** A client that has not answered in time is replaced: one server that hangs does not end the benchmark. */
  async #order(order: LoadOrder | WakeUpOrder): Promise<LoadAnswer> {
    const graceMs = order.kind === 'load' ? (order.graceMs ?? 0) : 0;
    const timeout = AbortSignal.timeout(order.forMs + graceMs + ANSWER_WITHIN_MS);
    const answered = once(this.#child, 'message', { signal: timeout });
    this.#child.send(order);
    try {
      const [answer] = (await answered) as [LoadAnswer];
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer;
    } catch (error) {
      if (timeout.aborted) {
        this.#child.kill('SIGKILL');
        this.#child = startClient();
      }
      throw error;
    }
  }
}
