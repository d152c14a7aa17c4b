import type { Json, JsonObject } from '../../core/index.ts';
import type { Executions } from './executions.ts';
import { StateFailure } from './language/errors.ts';
import { redriveStatus } from './redrive-status.ts';
import type { Course } from './running/course.ts';
import type { StoredExecution, Thread } from './running/execution.ts';
import type { Runner } from './running/runner.ts';
import { finishTask } from './running/task-endings.ts';

/** Tasks that wait for the end of another execution: `startExecution.sync`. */
export class WatchedExecutions {
  readonly #executions: Executions;
  readonly #runner: Runner;
  /** Threads that wait, by the ARN of the execution. */
  readonly #watchers = new Map<string, [Course, Thread][]>();

  constructor(executions: Executions, runner: Runner) {
    this.#executions = executions;
    this.#runner = runner;
  }

  /** Tells the thread when the execution has ended; at once when it already has. */
  watch(executionArn: string, course: Course, thread: Thread): void {
    const record = this.#executions.get(executionArn);
    if (record === undefined) return;
    if (record.status === 'RUNNING') {
      this.#watchers.set(executionArn, [...(this.#watchers.get(executionArn) ?? []), [course, thread]]);
    } else this.#tell(course, thread, record);
  }

  ended(record: StoredExecution): void {
    const watchers = this.#watchers.get(record.arn) ?? [];
    this.#watchers.delete(record.arn);
    for (const [watching, thread] of watchers) this.#tell(watching, thread, record);
  }

  #tell(course: Course, thread: Thread, child: StoredExecution): void {
    if (course.isOver() || course.threads.get(thread.id) !== thread) return;
    const { phase } = thread;
    if (phase.kind !== 'task' || phase.childArn !== child.arn) return;
    const node = course.program.state(thread.level, thread.state);
    const parses = (node.fields.Resource as string).endsWith('.sync:2');
    const text = (value: string): Json => (parses ? (JSON.parse(value) as Json) : value);
    const output = this.#executions.outputOf(child);
    const isSuccess = child.status === 'SUCCEEDED';
    const redrive = redriveStatus(child, child.stoppedAt ?? 0);
    const told: JsonObject = {
      ...(child.cause === undefined ? {} : { Cause: child.cause }),
      ...(child.error === undefined ? {} : { Error: child.error }),
      ExecutionArn: child.arn,
      Input: isSuccess ? text(this.#executions.inputOf(child)) : this.#executions.inputOf(child),
      InputDetails: { Included: true },
      Name: child.name,
      ...(output === undefined ? {} : { Output: text(output), OutputDetails: { Included: true } }),
      RedriveCount: child.redriveCount,
      RedriveStatus: redrive.status,
      ...(redrive.reason === undefined ? {} : { RedriveStatusReason: redrive.reason }),
      StartDate: child.startedAt,
      StateMachineArn: child.machineArn,
      Status: child.status === 'TIMED_OUT' ? 'FAILED' : child.status,
      StopDate: child.stoppedAt ?? null,
    };
    finishTask(
      this.#runner,
      course,
      thread,
      isSuccess ? told : new StateFailure('States.TaskFailed', JSON.stringify({ ...told, Status: child.status })),
    );
  }
}
