import type { Executions } from '../executions.ts';
import type { Revisions } from '../revisions.ts';
import type { Course } from '../running/course.ts';
import type { StoredExecution } from '../running/execution.ts';
import type { Runner } from '../running/runner.ts';
import type { Start } from '../start.ts';

/** What a map run needs of whoever keeps executions: its children are executions as any other. */
export interface ChildDesk {
  readonly executions: Executions;
  readonly revisions: Revisions;
  readonly runner: Runner;
  start(start: Start): StoredExecution;
  stop(record: StoredExecution, error: string | undefined, cause: string | undefined): void;
  redrive(record: StoredExecution): void;
  awaitRedrive(record: StoredExecution): void;
  courseOf(serial: number): Course | undefined;
}
