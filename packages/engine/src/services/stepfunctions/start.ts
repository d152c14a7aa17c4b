import type { Revision, StoredMachine } from './machines.ts';
import type { MachineType, StoredExecution } from './running/execution.ts';

/** An execution that is to begin. */
export interface Start {
  readonly machine: StoredMachine;
  readonly revision: Revision;
  readonly arn: string;
  readonly name: string;
  readonly input: string;
  readonly type: MachineType;
  readonly versionArn?: string | undefined;
  readonly aliasArn?: string | undefined;
  readonly traceHeader?: string | undefined;
  readonly isSynchronous?: boolean | undefined;
  readonly mapRunArn?: string | undefined;
  readonly mapItem?: number | undefined;
  readonly level?: string | undefined;
  /** Told when it ends, which may be before the start returns. */
  readonly onAdded?: ((record: StoredExecution) => void) | undefined;
  readonly onEnded?: ((ended: EndedExecution) => void) | undefined;
}

/** An execution that has ended, for callers who waited for it. */
export interface EndedExecution {
  readonly record: StoredExecution;
  readonly output: string | undefined;
}
