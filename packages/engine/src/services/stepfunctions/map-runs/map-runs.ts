import { notSupported, type ServiceEnvironment } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import type { ExecutionDesk } from '../execution-desk.ts';
import type { Course } from '../running/course.ts';
import type { StoredExecution, Thread } from '../running/execution.ts';
import type { Runner } from '../running/runner.ts';

/** Maps that run an execution for each item. */
export class MapRuns {
  constructor(_environment: ServiceEnvironment, _desk: ExecutionDesk) {}

  resume(): void {}

  start(_runner: Runner, _course: Course, _thread: Thread, _node: StateNode): void {
    throw notSupported('distributed maps');
  }

  executionsOf(_mapRunArn: string): StoredExecution[] {
    return [];
  }

  abandon(_mapRunArn: string): void {}

  childEnded(_record: StoredExecution, _output: string | undefined): void {}
}
