import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import type { Json, JsonObject, RequestContext, ServiceEnvironment } from '../../../core/index.ts';
import { innerLevel, type StateNode } from '../definition/program.ts';
import { StateFailure } from '../language/errors.ts';
import { type StoredMachine, Table } from '../machines.ts';
import type { Course } from '../running/course.ts';
import type { MachineType, StoredExecution, Thread } from '../running/execution.ts';
import { selectItem } from '../running/item-selector.ts';
import { numberOf } from '../running/processing.ts';
import { REDRIVE_MS_MAX } from '../running/redriving.ts';
import { Rows } from '../running/rows.ts';
import type { Runner } from '../running/runner.ts';
import { checkTolerance, itemsOf } from '../running/states.ts';
import type { ChildDesk } from './child-desk.ts';
import { batchItems } from './item-batcher.ts';
import { planReader, readItems } from './item-reader.ts';
import { MapRunChildren } from './map-run-children.ts';
import { type Destination, planWriter, writeResults } from './result-writer.ts';

export interface StoredMapRun {
  readonly arn: string;
  readonly label: string;
  readonly executionArn: string;
  readonly serial: number;
  readonly thread: number;
  readonly machineArn: string;
  readonly childType: MachineType;
  readonly level: string;
  readonly startedAt: EpochMs;
  readonly maxConcurrency: number;
  readonly toleratedCount: number | undefined;
  readonly toleratedPercentage: number | undefined;
  readonly destination?: Destination | undefined;
  readonly total: number;
  readonly itemsTotal: number;
  readonly next: number;
  readonly redriveCount?: number | undefined;
  readonly redrivenAt?: EpochMs | undefined;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly stoppedAt?: EpochMs | undefined;
}

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
    const { fields } = node;
    const scope = runner.scopeOf(course, thread);
    const concurrency = numberOf(node, 'MaxConcurrency', scope) ?? 0;
    const given = fields.ItemReader === undefined ? itemsOf(node, scope) : undefined;
    runner.emit(course, thread, 'MapStateStarted', { length: given?.length ?? 0 });
    const tolerance = checkTolerance(node, scope);
    const plan = given === undefined ? planReader(node, scope) : undefined;
    const destination = planWriter(node, scope);
    const { record } = course;
    const label = (fields.Label as string | undefined) ?? this.#environment.ids.uuid();
    const { account, region, machineName } = record;
    const arn = makeArn('states', region, account, `mapRun:${machineName}/${label}:${this.#environment.ids.uuid()}`);
    runner.emit(course, thread, 'MapRunStarted', { mapRunArn: arn });
    let inputs: readonly string[];
    let itemsTotal: number;
    try {
      const read = given ?? readItems(plan as NonNullable<typeof plan>, this.#environment, this.#context(record));
      itemsTotal = read.length;
      const items = read.map((item, index) => selectItem(runner, course, thread, node, index, item));
      inputs = batchItems(node, scope, items).map((input) => JSON.stringify(input));
    } catch (error) {
      if (error instanceof StateFailure && error.error === 'States.ItemReaderFailed') {
        runner.emit(course, thread, 'MapRunFailed', { error: error.error, cause: error.errorCause });
      }
      throw error;
    }
    const processor = (fields.ItemProcessor ?? fields.Iterator) as JsonObject;
    const config = processor.ProcessorConfig as JsonObject;
    this.#inputs.put(arn, inputs);
    this.table.put({
      arn,
      label,
      executionArn: record.arn,
      serial: record.serial,
      thread: thread.id,
      machineArn: record.machineArn,
      childType: (config.ExecutionType as MachineType | undefined) ?? 'STANDARD',
      level: innerLevel(thread.level, thread.state, 0),
      startedAt: runner.now(),
      maxConcurrency: concurrency,
      toleratedCount: hasField(fields, 'ToleratedFailureCount') ? tolerance.count : undefined,
      toleratedPercentage: hasField(fields, 'ToleratedFailurePercentage') ? tolerance.percentage : undefined,
      destination,
      total: inputs.length,
      itemsTotal,
      next: 0,
      status: 'RUNNING',
    });
    runner.park(course, thread, { kind: 'mapRun', mapRunArn: arn });
    this.#goOn(arn);
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
    const key = writeResults(run.destination, run.arn, results, this.#environment, this.#context(parent));
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

  #context({ account, region }: StoredExecution): RequestContext {
    return { account, region, requestId: this.#environment.ids.uuid(), now: this.#environment.clock.now() };
  }
}

const hasField = (fields: JsonObject, name: string): boolean =>
  fields[name] !== undefined || fields[`${name}Path`] !== undefined;

const isExceeded = (run: StoredMapRun, failed: number): boolean => {
  if (failed === 0) return false;
  const { toleratedCount, toleratedPercentage, total } = run;
  if (toleratedCount === undefined && toleratedPercentage === undefined) return true;
  if (toleratedCount !== undefined && failed > toleratedCount) return true;
  return toleratedPercentage !== undefined && (failed / total) * 100 > toleratedPercentage;
};
