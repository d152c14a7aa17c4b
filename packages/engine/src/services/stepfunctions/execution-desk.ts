import type { EpochMs } from '@holdfast/kernel';
import {
  type Json,
  type JsonObject,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { Activities } from './activities.ts';
import { announce } from './announcements.ts';
import { readJson } from './definition/json-text.ts';
import { Program, type StateNode } from './definition/program.ts';
import { executionMissing, invalidToken, taskGone } from './errors.ts';
import { ExecutionLog } from './execution-log.ts';
import { Executions } from './executions.ts';
import type { StartedExecution } from './integrations/integration.ts';
import { StateFailure } from './language/errors.ts';
import { fillExpressions, fillTemplate } from './language/scope.ts';
import type { Revision, StoredMachine } from './machines.ts';
import { MapRuns } from './map-runs/map-runs.ts';
import { Course } from './running/course.ts';
import type { MachineType, StoredEvent, StoredExecution, Thread } from './running/execution.ts';
import { selectInput } from './running/processing.ts';
import { type CourseKeeper, Runner } from './running/runner.ts';
import { itemsOf } from './running/states.ts';
import { readToken } from './running/task-token.ts';
import { finishTask, type ItemInput, TaskDesk, type TaskPort } from './running/tasks.ts';

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

const EXPRESS_MS_MAX = 5 * 60_000;
const STANDARD_MS_MAX = 365 * 86_400_000;

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
  readonly #revisions;
  readonly #programs = new Map<string, Program>();
  readonly #courses = new Map<number, Course>();
  readonly #log: ExecutionLog;
  /** Synchronous callers, by execution. */
  readonly #callers = new Map<number, (ended: EndedExecution) => void>();
  /** Threads that wait for another execution, by its ARN. */
  readonly #watchers = new Map<string, [Course, Thread][]>();

  constructor(environment: ServiceEnvironment) {
    this.environment = environment;
    this.executions = new Executions(environment);
    this.#revisions = environment.store.collection<Revision>('states.revisions');
    this.#log = new ExecutionLog(environment);
    this.runner = new Runner(environment, this, new TaskDesk(this));
    this.activities = new Activities(environment, this);
    this.mapRuns = new MapRuns(environment, this);
    for (const [id, revision] of this.#revisions.entries()) this.#known.set(id, revision);
  }

  readonly #known = new Map<string, Revision>();

  keepRevision(revision: Revision): void {
    this.#known.set(revision.revisionId, revision);
    this.#revisions.put(revision.revisionId, revision);
  }

  revision(id: string): Revision {
    return this.#known.get(id) as Revision;
  }

  programOf(revisionId: string): Program {
    let program = this.#programs.get(revisionId);
    if (program === undefined) {
      program = new Program(JSON.parse(this.revision(revisionId).definition) as JsonObject);
      this.#programs.set(revisionId, program);
    }
    return program;
  }

  start(start: Start): StoredExecution {
    const now = this.environment.clock.now();
    const program = this.programOf(start.revision.revisionId);
    const limitMs = start.type === 'EXPRESS' ? EXPRESS_MS_MAX : STANDARD_MS_MAX;
    const timeoutMs = Math.min(limitMs, (program.timeoutSeconds ?? Number.POSITIVE_INFINITY) * 1_000);
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
      timeoutAt: now + timeoutMs,
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
    const course = this.#courses.get(record.serial);
    if (course !== undefined) this.runner.end(course, undefined, { status: 'ABORTED', error, cause });
  }

  /** Takes up a closed execution where it failed. */
  redrive(record: StoredExecution): void {
    const course = new Course(record, this.programOf(record.revisionId), this.executions.inputOf(record));
    for (const thread of this.executions.threadsOf(record)) course.threads.set(thread.id, thread);
    record.status = 'RUNNING';
    record.stoppedAt = undefined;
    record.error = undefined;
    record.cause = undefined;
    record.redriveCount += 1;
    record.redrivenAt = this.environment.clock.now();
    this.#courses.set(record.serial, course);
    this.runner.emit(course, undefined, 'ExecutionRedriven', { redriveCount: record.redriveCount });
    for (const thread of [...course.threads.values()]) {
      if (course.childrenOf(thread).some(({ phase }) => phase.kind !== 'done')) continue;
      if (thread.phase.kind === 'done') continue;
      thread.phase = { kind: 'work' };
      thread.attempts = [];
      thread.retryCount = 0;
      course.push(thread);
    }
    announce(this.environment, record, course.inputText, undefined);
    this.runner.run(course);
  }

  resume(): void {
    const open = [...this.executions.all()].filter(({ status }) => status === 'RUNNING');
    for (const record of open) {
      const course = new Course(record, this.programOf(record.revisionId), this.executions.inputOf(record));
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
    this.#log.write(record, this.revision(record.revisionId), event, program);
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
    const watchers = this.#watchers.get(record.arn) ?? [];
    this.#watchers.delete(record.arn);
    for (const [watching, thread] of watchers) this.#childEnded(watching, thread, record);
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
    const record = this.executions.get(executionArn);
    if (record === undefined) return;
    if (record.status === 'RUNNING') {
      this.#watchers.set(executionArn, [...(this.#watchers.get(executionArn) ?? []), [course, thread]]);
    } else this.#childEnded(course, thread, record);
  }

  /** What `startExecution.sync` tells of the execution that it waited for. */
  #childEnded(course: Course, thread: Thread, child: StoredExecution): void {
    if (course.isOver() || course.threads.get(thread.id) !== thread) return;
    const { phase } = thread;
    if (phase.kind !== 'task' || phase.childArn !== child.arn) return;
    const node = course.program.state(thread.level, thread.state);
    const parses = (node.fields.Resource as string).endsWith('.sync:2');
    const text = (value: string): Json => (parses ? (JSON.parse(value) as Json) : value);
    const output = this.executions.outputOf(child);
    const isSuccess = child.status === 'SUCCEEDED';
    const told: JsonObject = {
      ...(child.cause === undefined ? {} : { Cause: child.cause }),
      ...(child.error === undefined ? {} : { Error: child.error }),
      ExecutionArn: child.arn,
      Input: isSuccess ? text(this.executions.inputOf(child)) : this.executions.inputOf(child),
      InputDetails: { Included: true },
      Name: child.name,
      ...(output === undefined ? {} : { Output: text(output), OutputDetails: { Included: true } }),
      StartDate: child.startedAt,
      StateMachineArn: child.machineArn,
      Status: child.status === 'TIMED_OUT' ? 'FAILED' : child.status,
      StopDate: child.stoppedAt ?? null,
    };
    finishTask(
      this.runner,
      course,
      thread,
      isSuccess ? told : new StateFailure('States.TaskFailed', JSON.stringify({ ...told, Status: child.status })),
    );
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

  itemInput(runner: Runner, course: Course, parent: Thread, index: number): ItemInput {
    const node = runner.nodeOf(course, parent);
    const item = course.items.get(parent.id)?.[index] ?? null;
    return { input: JSON.stringify(this.selectItem(runner, course, parent, node, index, item)), item };
  }

  /** `ItemSelector` (or `Parameters`, as it was called) applied to one item. */
  selectItem(runner: Runner, course: Course, parent: Thread, node: StateNode, index: number, item: Json): Json {
    const selector = node.fields.ItemSelector ?? node.fields.Parameters;
    if (selector === undefined) return item;
    const scope = runner.scopeOf(course, parent);
    const context = { ...(scope.context as JsonObject), Map: { Item: { Index: index, Value: item } } };
    const input = node.language === 'JSONata' ? scope.input : selectInput(node.fields, scope);
    const inner = { input, context, variables: scope.variables, tools: scope.tools, nowMs: scope.nowMs };
    return node.language === 'JSONata'
      ? fillExpressions(selector, inner, 'ItemSelector')
      : fillTemplate(selector, inner);
  }

  startMapRun(runner: Runner, course: Course, thread: Thread, node: StateNode): void {
    this.mapRuns.start(runner, course, thread, node);
  }

  abandonMapRun(mapRunArn: string): void {
    this.mapRuns.abandon(mapRunArn);
  }

  courseOf(serial: number): Course | undefined {
    return this.#courses.get(serial);
  }

  /** The thread that a token belongs to. @throws ServiceError when it waits no more, or never did */
  #waiting(token: string): readonly [Course, Thread] {
    const address = readToken(token);
    if (address === undefined) throw invalidToken();
    const course = this.#courses.get(address.serial);
    const thread = course?.threads.get(address.thread);
    const phase = thread?.phase;
    if (course === undefined || thread === undefined || phase === undefined) throw taskGone();
    const isWaiting = phase.kind === 'task' || (phase.kind === 'activity' && phase.isStarted);
    if (!isWaiting || phase.token !== token) throw taskGone();
    return [course, thread];
  }

  taskSucceeded(token: string, output: string): void {
    const [course, thread] = this.#waiting(token);
    const read = readJson(output);
    if ('problem' in read) throw new ServiceError('InvalidOutput', `Invalid Output: '${read.problem}'`, 400);
    finishTask(this.runner, course, thread, read.value, output);
  }

  taskFailed(token: string, error: string | undefined, cause: string | undefined): void {
    const [course, thread] = this.#waiting(token);
    finishTask(this.runner, course, thread, new StateFailure(error, cause));
  }

  taskIsAlive(token: string): void {
    const [course, thread] = this.#waiting(token);
    const { phase } = thread;
    if (phase.kind !== 'task' && phase.kind !== 'activity') return;
    if (phase.heartbeatMs === undefined) return;
    const heartbeatAt: EpochMs = this.environment.clock.now() + phase.heartbeatMs;
    this.runner.park(course, thread, { ...phase, heartbeatAt });
    this.keepCourse(course);
  }

  find(arn: string): StoredExecution {
    const record = this.executions.get(arn);
    if (record === undefined) throw executionMissing(arn);
    return record;
  }
}
