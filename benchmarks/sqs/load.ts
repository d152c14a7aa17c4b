import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadResult } from '../src/http-load.ts';
import type { Target, Workload } from './calls.ts';

export type LoadOrder =
  | {
      readonly kind: 'load';
      readonly target: Target;
      readonly workload: Workload;
      readonly connections: number;
      /** Requests. */
      readonly count: number;
    }
  | { readonly kind: 'wake-up'; readonly target: Target; readonly count: number };

interface LoadAnswer {
  readonly load?: LoadResult;
  readonly latencies?: readonly number[];
  readonly error?: string;
}

/** The client in a process of its own, so that it does not share a thread with what is measured. */
export class Load {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./load-main.ts', import.meta.url)), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
  }

  async run(target: Target, workload: Workload, connections: number, count: number): Promise<LoadResult> {
    const { load } = await this.#order({ kind: 'load', target, workload, connections, count });
    return load as LoadResult;
  }

  /** Milliseconds from a send to the answer of the receive that waited for it. */
  async wakeUps(target: Target, count: number): Promise<readonly number[]> {
    return (await this.#order({ kind: 'wake-up', target, count })).latencies as readonly number[];
  }

  stop(): void {
    this.#child.kill();
  }

  async #order(order: LoadOrder): Promise<LoadAnswer> {
    const answered = once(this.#child, 'message');
    this.#child.send(order);
    const [answer] = (await answered) as [LoadAnswer];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}
