import { makeArn } from '@holdfast/aws-model';
import type { Json, JsonObject, ServiceEnvironment } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { StateFailure } from '../language/errors.ts';
import { type StoredMachine, Table } from '../machines.ts';
import type { Course } from '../running/course.ts';
import type { StoredExecution, Thread } from '../running/execution.ts';
import { REDRIVE_MS_MAX } from '../running/redriving.ts';
import { Rows } from '../running/rows.ts';
import type { Runner } from '../running/runner.ts';
import { beginMapRun, ownContext } from './beginning.ts';
import type { ChildDesk } from './child-desk.ts';
import { isExceeded, type StoredMapRun } from './map-run.ts';
import { MapRunChildren } from './map-run-children.ts';
import { writeResults } from './result-writer.ts';

/** As many executions of one map as run at once when nothing less is asked for. */
const AT_ONCE_MAX = 10_000;

/** Maps that run an execution for each item, or for each batch of items. */
export class MapRuns {
  readonly table: Table<StoredMapRun>;
  readonly #inputs: Rows<readonly string[]>;
  readonly #environment: ServiceEnvironment;
  readonly #desk: ChildDesk;
  readonly #children = new MapRunChildren();

  constructor(environment: ServiceEnvironment, desk: ChildDesk) {
    this.#environment = environment;
    this.#desk = desk;
    this.table = new Table(environment.store, 'states.mapRuns');
    this.#inputs = new Rows(environment.store, 'states.mapRunInputs');
  }

  resume(): void {
    for (const record of this.#desk.executions.all()) this.#children.restore(record);
    for (const run of this.table.values()) this.#forgetLater(run);
    const running = [...this.table.values()].filter(({ status }) => status === 'RUNNING');
    if (running.length === 0) return;
    this.#environment.timers.schedule(this.#environment.clock.now(), () => {
      for (const run of running) this.#goOn(run.arn);
    });
  }

  executionsOf(mapRunArn: string): StoredExecution[] {
    return this.#children.of(mapRunArn);
  }

  of(executionArn: string): StoredMapRun[] {
    return [...this.table.values()].filter((run) => run.executionArn === executionArn);
  }

  start(runner: Runner, course: Course, thread: Thread, node: StateNode): void {
    const { run, inputs } = beginMapRun(runner, course, thread, node);
    this.#inputs.put(run.arn, inputs);
    this.table.put(run);
    runner.park(course, thread, { kind: 'mapRun', mapRunArn: run.arn });
    this.#goOn(run.arn);
  }

  childEnded(record: StoredExecution, output: string | undefined): void {
    if (output !== undefined) this.#desk.executions.keepOutput(record, output);
    const arn = record.mapRunArn as string;
    this.#children.ended(arn, record);
    if (this.table.get(arn)?.status === 'RUNNING') this.#goOn(arn);
  }

  abandon(mapRunArn: string): void {
    const run = this.table.get(mapRunArn);
    if (run?.status !== 'RUNNING') return;
    this.#close(run, 'ABORTED');
    this.#stopChildren(mapRunArn);
  }

  /**
   * Takes up again those children that did not succeed. A standard execution goes on where it failed, an express one
   * begins anew. `false` when nothing of the run is there to be taken up.
   */
  redrive(runner: Runner, course: Course, thread: Thread): boolean {
    const run = thread.phase.kind === 'mapRun' ? this.table.get(thread.phase.mapRunArn) : undefined;
    if (run === undefined || this.#inputs.get(run.arn) === undefined) return false;
    const redriveCount = (run.redriveCount ?? 0) + 1;
    this.table.put({ ...run, status: 'RUNNING', stoppedAt: undefined, redriveCount, redrivenAt: runner.now() });
    runner.emit(course, thread, 'MapRunRedriven', { mapRunArn: run.arn, redriveCount });
    for (const child of this.executionsOf(run.arn)) {
      if (child.status === 'SUCCEEDED') continue;
      this.#children.tallyOf(run.arn).failed -= 1;
      this.#children.waits(run.arn, child);
      this.#desk.awaitRedrive(child);
    }
    this.#goOn(run.arn);
    return true;
  }

  update(run: StoredMapRun): void {
    this.table.put(run);
    if (run.status === 'RUNNING') this.#goOn(run.arn);
  }

  /** Starts children while there is room for them, and ends the run when it is over. */
  #goOn(arn: string): void {
    let run = this.table.get(arn) as StoredMapRun;
    const inputs = this.#inputs.get(arn) ?? [];
    for (;;) {
      run = this.table.get(arn) as StoredMapRun;
      if (run.status !== 'RUNNING') return;
      const { running, failed } = this.#children.tallyOf(arn);
      if (isExceeded(run, failed)) {
        this.#fail(run);
        return;
      }
      const room = (run.maxConcurrency > 0 ? run.maxConcurrency : AT_ONCE_MAX) - running;
      const again = room > 0 ? this.#children.takePending(arn) : undefined;
      if (again !== undefined) {
        this.#takeUp(run, again, inputs);
        continue;
      }
      if (run.next >= run.total || room <= 0) {
        if (run.next >= run.total && running === 0) this.#succeed(run);
        return;
      }
      const index = run.next;
      this.table.put({ ...run, next: index + 1 });
      this.#startChild(run, index, inputs[index] as string);
    }
  }

  #takeUp(run: StoredMapRun, child: StoredExecution, inputs: readonly string[]): void {
    if (child.type === 'STANDARD') {
      this.#children.began(run.arn, child);
      this.#desk.redrive(child);
      return;
    }
    this.#desk.executions.remove(child);
    const index = child.mapItem ?? 0;
    this.#startChild(run, index, inputs[index] as string);
  }

  #startChild(run: StoredMapRun, index: number, input: string): void {
    const parent = this.#desk.executions.get(run.executionArn) as StoredExecution;
    const name = this.#environment.ids.uuid();
    const path = `${parent.machineName}/${run.label}`;
    const isExpress = run.childType === 'EXPRESS';
    const arn = isExpress
      ? makeArn('states', parent.region, parent.account, `express:${path}:${name}:${this.#environment.ids.uuid()}`)
      : makeArn('states', parent.region, parent.account, `execution:${path}:${name}`);
    const machine = {
      account: parent.account,
      region: parent.region,
      arn: `${run.machineArn}/${run.label}`,
      name: path,
    } as StoredMachine;
    this.#desk.start({
      machine,
      revision: this.#desk.revisions.get(parent.revisionId),
      arn,
      name,
      input,
      type: run.childType,
      traceHeader: parent.traceHeader,
      mapRunArn: run.arn,
      mapItem: index,
      level: run.level,
      onAdded: (record) => this.#children.began(run.arn, record),
    });
  }

  #close(run: StoredMapRun, status: StoredMapRun['status']): void {
    const closed = { ...run, status, stoppedAt: this.#environment.clock.now() };
    this.table.put(closed);
    for (const child of this.#children.dropPending(run.arn)) this.#desk.stop(child, undefined, undefined);
    this.#forgetLater(closed);
  }

  /** What a run needs to be taken up again is kept as long as that can be asked for. */
  #forgetLater({ arn, stoppedAt }: StoredMapRun): void {
    if (stoppedAt === undefined || this.#inputs.get(arn) === undefined) return;
    this.#environment.timers.schedule(stoppedAt + REDRIVE_MS_MAX, () => {
      if (this.table.get(arn)?.stoppedAt === stoppedAt) this.#forget(arn);
    });
  }

  #forget(arn: string): void {
    this.#inputs.delete(arn);
    for (const child of this.executionsOf(arn)) {
      if (child.type === 'EXPRESS') this.#desk.executions.remove(child);
    }
  }

  #stopChildren(arn: string): void {
    for (const child of this.executionsOf(arn)) {
      if (child.status === 'RUNNING') this.#desk.stop(child, undefined, undefined);
    }
  }

  #fail(run: StoredMapRun): void {
    const failure = new StateFailure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
    this.#close(run, 'FAILED');
    this.#stopChildren(run.arn);
    this.#write(run);
    this.#leave(run, (runner, course, thread) => {
      runner.emit(course, thread, 'MapRunFailed', { error: failure.error, cause: failure.errorCause });
      throw failure;
    });
  }

  #succeed(run: StoredMapRun): void {
    this.#close(run, 'SUCCEEDED');
    const { executions } = this.#desk;
    const written = this.#write(run);
    const result: Json =
      written ??
      this.executionsOf(run.arn)
        .map((child) => executions.outputOf(child))
        .filter((output) => output !== undefined)
        .map((output) => JSON.parse(output) as Json);
    this.#leave(run, (runner, course, thread) => {
      const began = thread.previousEventId;
      const last = runner.emit(course, thread, 'MapRunSucceeded');
      const node = runner.nodeOf(course, thread);
      runner.emit(course, undefined, 'MapStateSucceeded', undefined, last);
      // Since November 2024 the exit comes after the beginning of the run; recordings before it name its end.
      thread.previousEventId = began;
      runner.exit(course, thread, node, result);
    });
  }

  #write(run: StoredMapRun): JsonObject | undefined {
    if (run.destination === undefined) return undefined;
    const { executions } = this.#desk;
    const results = this.executionsOf(run.arn).map((record) => ({
      record,
      input: executions.inputOf(record),
      output: executions.outputOf(record),
    }));
    const parent = executions.get(run.executionArn) as StoredExecution;
    const key = writeResults(
      run.destination,
      run.arn,
      results,
      this.#environment,
      ownContext(this.#environment, parent),
    );
    return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: run.destination.bucket, Key: key } };
  }

  #leave(run: StoredMapRun, act: (runner: Runner, course: Course, thread: Thread) => void): void {
    if (this.table.get(run.arn)?.status === 'SUCCEEDED') this.#forget(run.arn);
    const course = this.#desk.courseOf(run.serial);
    const thread = course?.threads.get(run.thread);
    if (course === undefined || thread === undefined) return;
    const { runner } = this.#desk;
    runner.attempt(course, thread, () => act(runner, course, thread));
    runner.run(course);
  }
}
