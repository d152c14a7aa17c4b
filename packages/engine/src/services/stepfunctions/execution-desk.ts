import type { RequestContext, ServiceEnvironment } from '../../core/index.ts';
import { Activities } from './activities.ts';
import { announce } from './announcements.ts';
import type { Program, StateNode } from './definition/program.ts';
import { executionMissing } from './errors.ts';
import { ExecutionLog } from './execution-log.ts';
import { Executions } from './executions.ts';
import type { StartedExecution } from './integrations/integration.ts';
import { MapRuns } from './map-runs/map-runs.ts';
import { Revisions } from './revisions.ts';
import { Course } from './running/course.ts';
import type { MachineType, StoredEvent, StoredExecution, Thread } from './running/execution.ts';
import { takeUp } from './running/redriving.ts';
import { type CourseKeeper, Runner } from './running/runner.ts';
import { itemsOf } from './running/states.ts';
import { TaskMetrics, type TaskStep } from './running/task-metrics.ts';
import { TaskDesk, type TaskPort } from './running/tasks.ts';
import type { EndedExecution, Start } from './start.ts';
import { WatchedExecutions } from './watched-executions.ts';

const EXPRESS_MS_MAX = 5 * 60_000;
const STANDARD_MS_MAX = 365 * 86_400_000;

const limitOf = (type: MachineType, { timeoutSeconds = Number.POSITIVE_INFINITY }: Program): number =>
  Math.min(type === 'EXPRESS' ? EXPRESS_MS_MAX : STANDARD_MS_MAX, timeoutSeconds * 1_000);

/** Whether the machine of an ARN may be started by another execution, and how. */
export type StartByArn = (
  machineArn: string,
  input: string,
  name: string | undefined,
  context: RequestContext,
) => StoredExecution;

/** Everything about executions under way: starts them, keeps them, and takes to them what arrives. */
export class ExecutionDesk implements CourseKeeper, TaskPort {
  readonly executions: Executions;
  readonly activities: Activities;
  readonly mapRuns: MapRuns;
  readonly runner: Runner;
  readonly environment: ServiceEnvironment;
  /** How other executions are started; set by the service. */
  startByArn: StartByArn = () => {
    throw new Error('no machines yet');
  };
  readonly revisions: Revisions;
  readonly #courses = new Map<number, Course>();
  readonly #log: ExecutionLog;
  readonly #watched: WatchedExecutions;
  readonly #taskMetrics: TaskMetrics;
  /** Synchronous callers, by execution. */
  readonly #callers = new Map<number, (ended: EndedExecution) => void>();

  constructor(environment: ServiceEnvironment) {
    this.environment = environment;
    this.executions = new Executions(environment);
    this.revisions = new Revisions(environment.store);
    this.#log = new ExecutionLog(environment);
    this.#taskMetrics = new TaskMetrics(environment.metrics);
    this.runner = new Runner(environment, this, new TaskDesk(this));
    this.#watched = new WatchedExecutions(this.executions, this.runner);
    this.activities = new Activities(environment, this.runner, this);
    this.mapRuns = new MapRuns(environment, this);
  }

  start(start: Start): StoredExecution {
    const now = this.environment.clock.now();
    const program = this.revisions.programOf(start.revision.revisionId);
    const { machine } = start;
    const record: StoredExecution = {
      serial: this.executions.nextSerial(),
      arn: start.arn,
      name: start.name,
      account: machine.account,
      region: machine.region,
      machineArn: machine.arn,
      machineName: machine.name,
      versionArn: start.versionArn,
      aliasArn: start.aliasArn,
      revisionId: start.revision.revisionId,
      type: start.type,
      roleArn: start.revision.roleArn,
      startedAt: now,
      traceHeader: start.traceHeader,
      isSynchronous: start.isSynchronous,
      mapRunArn: start.mapRunArn,
      mapItem: start.mapItem,
      level: start.level,
      status: 'RUNNING',
      timeoutAt: now + limitOf(start.type, program),
      eventCount: 0,
      threadCount: 0,
      redriveCount: 0,
    };
    this.executions.add(record, start.input);
    start.onAdded?.(record);
    const course = new Course(record, program, start.input);
    this.#courses.set(record.serial, course);
    if (start.onEnded !== undefined) this.#callers.set(record.serial, start.onEnded);
    announce(this.environment, record, start.input, undefined);
    this.runner.begin(course);
    return record;
  }

  /** Resolves when an execution that is under way has ended. */
  ending(record: StoredExecution): Promise<EndedExecution> {
    return new Promise((resolve) => this.#callers.set(record.serial, resolve));
  }

  stop(record: StoredExecution, error: string | undefined, cause: string | undefined): void {
    if (record.status === 'PENDING_REDRIVE') {
      record.status = 'ABORTED';
      this.executions.save({ ...record });
      return;
    }
    const course = this.#courses.get(record.serial);
    if (course !== undefined) this.runner.end(course, undefined, { status: 'ABORTED', error, cause });
  }

  /** Takes up a closed execution where it failed. */
  redrive(record: StoredExecution): void {
    const course = new Course(record, this.revisions.programOf(record.revisionId), this.executions.inputOf(record));
    for (const thread of this.executions.threadsOf(record)) course.threads.set(thread.id, thread);
    record.status = 'RUNNING';
    record.stoppedAt = undefined;
    record.error = undefined;
    record.cause = undefined;
    record.redriveCount += 1;
    record.redrivenAt = this.environment.clock.now();
    this.#courses.set(record.serial, course);
    record.timeoutAt = this.environment.clock.now() + limitOf(record.type, course.program);
    this.runner.limit(course);
    this.runner.emit(course, undefined, 'ExecutionRedriven', { redriveCount: record.redriveCount });
    takeUp(this.runner, course);
    announce(this.environment, record, course.inputText, undefined);
    this.runner.run(course);
  }

  /** A closed child of a map run waits for its turn. */
  awaitRedrive(record: StoredExecution): void {
    record.status = 'PENDING_REDRIVE';
    this.executions.save({ ...record });
    announce(this.environment, record, this.executions.inputOf(record), undefined);
  }

  resume(): void {
    const open = [...this.executions.all()].filter(({ status }) => status === 'RUNNING');
    for (const record of open) {
      const course = new Course(record, this.revisions.programOf(record.revisionId), this.executions.inputOf(record));
      this.#courses.set(record.serial, course);
      if (record.type === 'EXPRESS') {
        this.#resumeExpress(course);
        continue;
      }
      for (const thread of this.executions.threadsOf(record)) course.threads.set(thread.id, thread);
      for (const thread of course.threads.values()) this.#reattach(course, thread);
      this.runner.resume(course);
    }
    this.mapRuns.resume();
    // Whoever is called must have been started as well.
    if (open.length > 0) this.environment.timers.schedule(this.environment.clock.now(), () => this.#runAll(open));
    this.executions.sweepLater();
  }

  #runAll(records: readonly StoredExecution[]): void {
    for (const record of records) {
      const course = this.#courses.get(record.serial);
      if (course !== undefined) this.runner.run(course);
    }
  }

  /** Express executions begin anew; those whose callers are gone with the process end. */
  #resumeExpress(course: Course): void {
    const { record } = course;
    if (record.isSynchronous) {
      this.runner.end(course, undefined, { status: 'ABORTED' });
      return;
    }
    record.eventCount = 0;
    record.threadCount = 0;
    this.environment.timers.schedule(this.environment.clock.now(), () => this.runner.begin(course));
  }

  #reattach(course: Course, thread: Thread): void {
    const { phase } = thread;
    if (phase.kind === 'activity' && !phase.isStarted) this.activities.offer(phase.activityArn, course, thread);
    if (phase.kind === 'task' && phase.isSubmitted && phase.childArn !== undefined) {
      // The other execution may have ended; it is told in the next turn, when all are there.
      this.environment.timers.schedule(this.environment.clock.now(), () =>
        this.watch(phase.childArn as string, course, thread),
      );
    }
    if (phase.kind === 'children' && phase.isMap) {
      const node = course.program.state(thread.level, thread.state);
      course.items.set(thread.id, itemsOf(node, this.runner.scopeOf(course, thread)));
    }
  }

  keepEvent({ record, program }: Course, event: StoredEvent): void {
    if (record.type === 'STANDARD') this.executions.history.put(`${record.serial}/${event.id}`, event);
    this.#log.write(record, this.revisions.get(record.revisionId), event, program);
  }

  measure(course: Course, { phase, level, state }: Thread, step: TaskStep): void {
    if (phase.kind !== 'start' && phase.kind !== 'task' && phase.kind !== 'activity') return;
    const { Resource } = course.program.state(level, state).fields;
    this.#taskMetrics.record(course.record, Resource as string, step, phase, this.environment.clock.now());
  }

  keepCourse(course: Course): void {
    const { record, changed } = course;
    if (record.type === 'STANDARD') {
      for (const id of changed) {
        const thread = course.threads.get(id);
        const key = `${record.serial}/${id}`;
        if (thread === undefined) this.executions.threads.delete(key);
        else this.executions.threads.put(key, { ...thread, phase: { ...thread.phase } });
      }
    }
    changed.clear();
    this.executions.save({ ...record });
  }

  ended(course: Course, output: string | undefined): void {
    const { record } = course;
    this.#courses.delete(record.serial);
    if (output !== undefined && record.type === 'STANDARD') this.executions.keepOutput(record, output);
    announce(this.environment, record, course.inputText, output);
    this.executions.sweepLater();
    const caller = this.#callers.get(record.serial);
    this.#callers.delete(record.serial);
    caller?.({ record, output });
    this.#watched.ended(record);
    if (record.mapRunArn !== undefined) this.mapRuns.childEnded(record, output);
    // Express executions leave nothing behind but what was logged.
    if (record.type === 'EXPRESS' && record.mapRunArn === undefined) this.executions.remove(record);
  }

  startExecution(
    caller: StoredExecution,
    machineArn: string,
    input: string,
    name: string | undefined,
    _isWatched: boolean,
  ): StartedExecution {
    const record = this.startByArn(machineArn, input, name, {
      account: caller.account,
      region: caller.region,
      requestId: this.environment.ids.uuid(),
      now: this.environment.clock.now(),
    });
    return { executionArn: record.arn, startedAt: record.startedAt };
  }

  watch(executionArn: string, course: Course, thread: Thread): void {
    this.#watched.watch(executionArn, course, thread);
  }

  activityExists(activityArn: string): boolean {
    return this.activities.exists(activityArn);
  }

  offerActivity(activityArn: string, course: Course, thread: Thread): void {
    this.activities.offer(activityArn, course, thread);
  }

  withdrawActivity(activityArn: string, token: string): void {
    this.activities.withdraw(activityArn, token);
  }

  startMapRun(runner: Runner, course: Course, thread: Thread, node: StateNode): void {
    this.mapRuns.start(runner, course, thread, node);
  }

  redriveMapRun(runner: Runner, course: Course, thread: Thread): boolean {
    return this.mapRuns.redrive(runner, course, thread);
  }

  abandonMapRun(mapRunArn: string): void {
    this.mapRuns.abandon(mapRunArn);
  }

  courseOf(serial: number): Course | undefined {
    return this.#courses.get(serial);
  }

  find(arn: string): StoredExecution {
    const record = this.executions.get(arn);
    if (record === undefined) throw executionMissing(arn);
    return record;
  }
}
