import type { IdSource } from '@holdfast/kernel';
import type { EngineTime } from './engine-time.ts';
import type { CodeStore } from './files/code-store.ts';

/** What Node.js functions run in: threads of the engine's process, or processes of their own. */
export type Isolation = 'thread' | 'process';

export interface FunctionEnvironmentsOptions {
  readonly time: EngineTime;
  readonly ids: IdSource;
  readonly code: CodeStore;
  /** Where functions reach the engine; known once the gateway listens. */
  readonly endpoint: () => string;
  /** Where functions send segments of X-Ray; `host:port`. */
  readonly traceAddress?: string | undefined;
  readonly compileCache: string | undefined;
  /** Directory of ours, for what environments see as `/tmp` and around their code. */
  readonly filesDirectory: string;
  /** Whether processes are to see `/tmp`, `/opt` and `/var/task` as on AWS where the machine allows it. */
  readonly hasOwnViews?: boolean;
  /** Environments alive at once, over all functions; further invocations wait for one to end. */
  readonly environmentsMax: number;
  /** While so many environments compute, others of the same function wait for one of them; see `ProcessorShare`. */
  readonly processors: number;
  /** What Node.js functions run in. */
  readonly isolation: Isolation;
  /** In virtual time: one environment at a time, so that every run takes the same course. */
  readonly isRepeatable: boolean;
}
