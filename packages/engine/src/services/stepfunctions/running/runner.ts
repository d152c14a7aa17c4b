import type { EpochMs } from '@holdfast/kernel';
import type { Json, JsonObject, ServiceEnvironment } from '../../../core/index.ts';
import { innerLevel, type StateNode } from '../definition/program.ts';
import { EvaluationFailure, placed, runtimeFailure, StateFailure } from '../language/errors.ts';
import type { Scope } from '../language/scope.ts';
import { contextObject } from './context-object.ts';
import type { Course } from './course.ts';
import type { ExecutionStatus, Phase, StoredEvent, Thread } from './execution.ts';
import { checkedPayload, produce, produceCaught, type StateOutput } from './processing.ts';
import { isMeantFor, retryDelayMs } from './retry.ts';
import { waited, workOf } from './states.ts';
import { type TaskDesk, taskTimedOut } from './tasks.ts';

const HISTORY_EVENTS_MAX = 25_000;
/** Transitions within one instant after which a millisecond passes: no loop of states holds the engine. */
const TRANSITIONS_AT_ONCE = 2_000;
/** States that an end from outside is told of in the history. */
/** States that can be tried again. */
const HAVE_RETRIES: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);
const ABORTABLE: ReadonlySet<string> = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** What the runner hands on about executions. */
export interface CourseKeeper {
  /** Takes an event of the history. */
  keepEvent(course: Course, event: StoredEvent): void;
  /** Makes what has changed durable. */
  keepCourse(course: Course): void;
  /** Told once, when an execution has ended; `output` is JSON text. */
  ended(course: Course, output: string | undefined): void;
}

export interface Ending {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** Takes executions from state to state. All that it knows of one is in its {@link Course}. */
export class Runner {
  readonly environment: ServiceEnvironment;
  readonly desk: TaskDesk;
  readonly #keeper: CourseKeeper;
  /** Texts that results were made of. */
  readonly #texts = new WeakMap<object, string>();

  constructor(environment: ServiceEnvironment, keeper: CourseKeeper, desk: TaskDesk) {
    this.environment = environment;
    this.#keeper = keeper;
    this.desk = desk;
  }

  now(): EpochMs {
    return this.environment.clock.now();
  }

  /** Begins with the first state of the execution's level. */
  begin(course: Course): void {
    const { record } = course;
    const level = record.level ?? '';
    this.emit(course, undefined, 'ExecutionStarted', {
      input: course.inputText,
      inputDetails: WHOLE,
      roleArn: record.roleArn,
      ...(record.aliasArn === undefined ? {} : { stateMachineAliasArn: record.aliasArn }),
      ...(record.versionArn === undefined ? {} : { stateMachineVersionArn: record.versionArn }),
    });
    const thread = this.addThread(course, { parent: undefined, index: 0, level, input: course.inputText, after: 0 });
    thread.state = course.program.level(level).startAt;
    this.limit(course);
    this.run(course);
  }

  /** Takes up what was stored: timers are set, and what was to be done is done. */
  resume(course: Course): void {
    this.limit(course);
    for (const thread of [...course.threads.values()].sort((a, b) => a.id - b.id)) {
      const { kind } = thread.phase;
      if (kind === 'enter' || kind === 'work' || kind === 'start') course.push(thread);
      else if (kind === 'task' && !thread.phase.isSubmitted) {
        // It was under way when the process ended: whether it was done is not known, so it is done again.
        thread.phase = { ...thread.phase, kind: 'start', isOnceMore: true };
        course.push(thread);
      } else this.arm(course, thread);
    }
  }

  /** Sets the timer that ends the execution. */
  limit(course: Course): void {
    const { timeoutAt } = course.record;
    if (timeoutAt === undefined) return;
    course.timeout = this.environment.timers.schedule(timeoutAt, () => {
      if (!course.isOver()) this.end(course, course.threads.get(0), { status: 'TIMED_OUT' });
    });
  }

  addThread(
    course: Course,
    place: {
      readonly parent: number | undefined;
      readonly index: number;
      readonly level: string;
      readonly input: string;
      readonly after: number;
      readonly item?: Json | undefined;
    },
  ): Thread {
    const thread: Thread = {
      id: course.record.threadCount,
      parent: place.parent,
      index: place.index,
      level: place.level,
      state: course.program.level(place.level).startAt,
      input: place.input,
      enteredAt: this.now(),
      enteredEventId: 0,
      previousEventId: place.after,
      variables: {},
      ...(place.item === undefined ? {} : { item: place.item }),
      attempts: [],
      retryCount: 0,
      phase: { kind: 'enter' },
    };
    course.record.threadCount += 1;
    course.threads.set(thread.id, thread);
    course.push(thread);
    return thread;
  }

  /** Runs whatever can go on, until all wait. Calls from within a run are taken up by it. */
  run(course: Course): void {
    if (course.isRunning) return;
    course.isRunning = true;
    let transitions = 0;
    while (course.ready.length > 0 && !course.isOver()) {
      if (transitions++ >= TRANSITIONS_AT_ONCE) {
        this.environment.timers.schedule(this.now() + 1, () => this.run(course));
        break;
      }
      this.#step(course, course.ready.shift() as Thread);
    }
    course.isRunning = false;
    if (course.isOver()) return;
    this.#keeper.keepCourse(course);
  }

  #step(course: Course, thread: Thread): void {
    const node = this.nodeOf(course, thread);
    this.attempt(course, thread, () => {
      if (thread.phase.kind === 'enter') this.#enter(course, thread, node);
      else if (thread.phase.kind === 'start') this.desk.start(this, course, thread, node, thread.phase);
      else workOf(node.type)(this, course, thread, node);
    });
  }

  /** Does something for a thread; a failure becomes the failure of its state, whatever it is: none ends the engine. */
  attempt(course: Course, thread: Thread, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (error instanceof StateFailure) this.fail(course, thread, error);
      else this.fail(course, thread, runtimeFailure(error instanceof Error ? error.message : String(error)));
    }
  }

  nodeOf(course: Course, thread: Thread): StateNode {
    return course.program.state(thread.level, thread.state);
  }

  #enter(course: Course, thread: Thread, node: StateNode): void {
    const before = thread.previousEventId;
    thread.enteredAt = this.now();
    thread.attempts = [];
    thread.retryCount = 0;
    const details = { name: node.name, input: thread.input, inputDetails: WHOLE };
    thread.enteredEventId = this.emit(course, thread, `${node.type}StateEntered`, details);
    thread.phase = { kind: 'work' };
    try {
      workOf(node.type)(this, course, thread, node);
    } catch (error) {
      // The evaluation belongs to what came before the state.
      const isOfValue = error instanceof EvaluationFailure && error.isOfValue;
      if (error instanceof EvaluationFailure && !isOfValue && thread.previousEventId === thread.enteredEventId) {
        thread.previousEventId = before;
      }
      throw error;
    }
  }

  scopeOf(course: Course, thread: Thread, token?: string): Scope {
    let context: Json | undefined;
    let variables: Readonly<Record<string, Json>> | undefined;
    return {
      get input() {
        return course.inputOf(thread);
      },
      get context() {
        context ??= contextObject(
          course.record,
          course.input,
          thread,
          course.itemOf(thread),
          token,
          HAVE_RETRIES.has(course.program.state(thread.level, thread.state).type),
        );
        return context;
      },
      get variables() {
        variables ??= course.variablesOf(thread);
        return variables;
      },
      tools: this.environment,
      nowMs: this.now(),
    };
  }

  /** Records an event after the thread's latest; `after` names another one, and the thread's stays. */
  emit(
    course: Course,
    thread: Thread | undefined,
    type: string,
    details?: Readonly<Record<string, unknown>>,
    after?: number,
  ): number {
    const { record } = course;
    record.eventCount += 1;
    const id = record.eventCount;
    const previousEventId = after ?? thread?.previousEventId ?? 0;
    this.#keeper.keepEvent(course, { id, previousEventId, type, at: this.now(), details });
    if (thread !== undefined && after === undefined) thread.previousEventId = id;
    if (
      id >= HISTORY_EVENTS_MAX - 1 &&
      record.type === 'STANDARD' &&
      !course.isOver() &&
      !type.startsWith('Execution')
    ) {
      const cause = `The execution reached the maximum number of history events (${HISTORY_EVENTS_MAX}).`;
      this.end(course, thread, { status: 'FAILED', error: 'States.Runtime', cause });
    }
    return id;
  }

  /** Waits in a phase. */
  park(course: Course, thread: Thread, phase: Phase): void {
    thread.phase = phase;
    course.changed.add(thread.id);
    if (phase.kind === 'wait' || phase.kind === 'retry') course.forget(thread);
    this.arm(course, thread);
  }

  arm(course: Course, thread: Thread): void {
    course.timers.get(thread.id)?.cancel();
    course.timers.delete(thread.id);
    const at = dueAt(thread.phase);
    if (at === undefined) return;
    const timer = this.environment.timers.schedule(at, () => {
      course.timers.delete(thread.id);
      this.#due(course, thread);
    });
    course.timers.set(thread.id, timer);
  }

  #due(course: Course, thread: Thread): void {
    if (course.isOver() || course.threads.get(thread.id) !== thread) return;
    const node = this.nodeOf(course, thread);
    if (thread.phase.kind === 'wait') {
      this.attempt(course, thread, () => this.exit(course, thread, node, waited(node, this.scopeOf(course, thread))));
    } else if (thread.phase.kind === 'retry') {
      thread.phase = { kind: 'work' };
      course.push(thread);
    } else if (thread.phase.kind === 'task' || thread.phase.kind === 'activity') {
      taskTimedOut(this, course, thread, node, thread.phase);
    }
    this.run(course);
  }

  /** Leaves a state that has come to a result. */
  exit(course: Course, thread: Thread, node: StateNode, result: Json, rule?: JsonObject, next?: string): void {
    const produced = produce(node, this.scopeOf(course, thread), result, rule);
    const target = next ?? (node.fields.Next as string | undefined);
    this.#leave(course, thread, node, produced, target);
  }

  /** JSON text of a value; what has not been touched keeps the text that it had. */
  textOf(course: Course, thread: Thread, value: Json): string {
    return value === course.inputOf(thread)
      ? thread.input
      : (this.#texts.get(value as object) ?? JSON.stringify(value));
  }

  #leave(course: Course, thread: Thread, node: StateNode, produced: StateOutput, next: string | undefined): void {
    const output = checkedPayload(this.textOf(course, thread, produced.output), node.name);
    const names = Object.keys(produced.assigned);
    const assigned = Object.fromEntries(names.map((name) => [name, JSON.stringify(produced.assigned[name])]));
    this.emit(course, thread, `${node.type}StateExited`, {
      name: node.name,
      output,
      outputDetails: WHOLE,
      ...(names.length === 0 ? {} : { assignedVariables: assigned, assignedVariablesDetails: WHOLE }),
    });
    if (course.isOver()) return;
    if (names.length > 0) thread.variables = { ...thread.variables, ...produced.assigned };
    course.timers.get(thread.id)?.cancel();
    course.timers.delete(thread.id);
    if (next === undefined) {
      this.#levelEnded(course, thread, output);
      return;
    }
    thread.state = next;
    thread.input = output;
    thread.phase = { kind: 'enter' };
    course.push(thread);
  }

  #levelEnded(course: Course, thread: Thread, output: string): void {
    const parent = course.parentOf(thread);
    if (parent === undefined) {
      this.end(course, thread, { status: 'SUCCEEDED', output });
      return;
    }
    thread.phase = { kind: 'done', output };
    course.changed.add(thread.id);
    this.#childDone(course, parent, thread);
  }

  #childDone(course: Course, parent: Thread, child: Thread): void {
    const { phase } = parent;
    if (phase.kind !== 'children') return;
    phase.done += 1;
    phase.running -= 1;
    course.changed.add(parent.id);
    let last = child.previousEventId;
    if (phase.isMap) {
      const details = { name: parent.state, index: child.index };
      last = this.emit(course, undefined, 'MapIterationSucceeded', details, child.previousEventId);
      if (phase.next < phase.total) {
        this.attempt(course, parent, () => this.startItem(course, parent, phase.next, child.previousEventId));
        return;
      }
    }
    if (phase.done < phase.total) return;
    const children = course.childrenOf(parent);
    const texts = children.map(({ phase: ended }) => (ended.kind === 'done' ? ended.output : 'null'));
    const outputs = texts.map((text) => JSON.parse(text) as Json);
    this.#texts.set(outputs, `[${texts.join(',')}]`);
    for (const each of children) course.remove(each);
    course.items.delete(parent.id);
    this.childrenSucceeded(course, parent, outputs, last);
  }

  /** All branches or items of a state have come to an end, the last of them with the event `last`. */
  childrenSucceeded(course: Course, parent: Thread, outputs: readonly Json[], last: number): void {
    const node = this.nodeOf(course, parent);
    this.emit(course, undefined, `${node.type}StateSucceeded`, undefined, last);
    parent.previousEventId = last;
    this.attempt(course, parent, () => this.exit(course, parent, node, outputs));
  }

  /** Starts on an item of a map; `after` is the event that made room for it. */
  startItem(course: Course, parent: Thread, index: number, after: number): void {
    const { phase } = parent;
    if (phase.kind !== 'children') return;
    phase.next = index + 1;
    phase.running += 1;
    course.changed.add(parent.id);
    const details = { name: parent.state, index };
    const started = this.emit(course, undefined, 'MapIterationStarted', details, after);
    const { input, item } = this.desk.itemInput(this, course, parent, index);
    const level = innerLevel(parent.level, parent.state, 0);
    this.addThread(course, { parent: parent.id, index, level, input, after: started, item });
  }

  /** A state has failed: it is tried again, caught, or ends what it is part of. */
  fail(course: Course, thread: Thread, thrown: StateFailure, isInCatcher = false): void {
    if (course.isOver()) return;
    const node = this.nodeOf(course, thread);
    const failure = this.#told(course, thread, node, thrown);
    course.timers.get(thread.id)?.cancel();
    course.timers.delete(thread.id);
    course.changed.add(thread.id);
    if (failure.error === 'States.Runtime') {
      this.end(course, thread, { status: 'FAILED', error: failure.error, cause: failure.errorCause });
      return;
    }
    if (!isInCatcher && this.#retries(course, thread, node, failure)) return;
    if (node.type === 'Map' || node.type === 'Parallel') this.emit(course, thread, `${node.type}StateFailed`);
    if (!isInCatcher && this.#catches(course, thread, node, failure)) return;
    const parent = course.parentOf(thread);
    if (parent !== undefined) this.#childFailed(course, parent, thread, failure);
    else this.end(course, thread, { status: 'FAILED', error: failure.error, cause: failure.errorCause });
  }

  /** The failure with the state's name in its cause; evaluations get an event of their own. */
  #told(course: Course, thread: Thread, node: StateNode, thrown: StateFailure): StateFailure {
    if (!thrown.isOfState) return thrown;
    const cause = placed(node.name, thread.enteredEventId, thrown.errorCause ?? '');
    if (thrown instanceof EvaluationFailure) {
      this.emit(course, thread, 'EvaluationFailed', {
        error: thrown.error,
        cause,
        ...(thrown.location === undefined ? {} : { location: thrown.location }),
        state: node.name,
      });
    }
    return new StateFailure(thrown.error, cause, false, thrown.alias);
  }

  #retries(course: Course, thread: Thread, node: StateNode, failure: StateFailure): boolean {
    const retriers = (node.fields.Retry ?? []) as readonly JsonObject[];
    const position = retriers.findIndex(({ ErrorEquals }) => isMeantFor(ErrorEquals as readonly string[], failure));
    if (position < 0) return false;
    const attempt = (thread.attempts[position] ?? 0) + 1;
    const delayMs = retryDelayMs(retriers[position] as JsonObject, attempt, this.environment.random);
    if (delayMs === undefined) return false;
    thread.attempts = retriers.map((_, at) => (at === position ? attempt : (thread.attempts[at] ?? 0)));
    thread.retryCount += 1;
    this.park(course, thread, { kind: 'retry', until: this.now() + delayMs });
    return true;
  }

  #catches(course: Course, thread: Thread, node: StateNode, failure: StateFailure): boolean {
    const catchers = (node.fields.Catch ?? []) as readonly JsonObject[];
    const catcher = catchers.find(({ ErrorEquals }) => isMeantFor(ErrorEquals as readonly string[], failure));
    if (catcher === undefined) return false;
    const errorOutput = errorOutputOf(failure);
    try {
      const produced = produceCaught(node, catcher, this.scopeOf(course, thread), errorOutput);
      this.#leave(course, thread, node, produced, catcher.Next as string);
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      // What a catcher gets wrong is not its own to catch.
      this.fail(course, thread, error, true);
    }
    return true;
  }

  #childFailed(course: Course, parent: Thread, child: Thread, failure: StateFailure): void {
    const { phase } = parent;
    const isMap = phase.kind === 'children' && phase.isMap;
    const after = child.previousEventId;
    const iteration = (index: number) => ({ name: parent.state, index });
    if (isMap) this.emit(course, undefined, 'MapIterationFailed', iteration(child.index), after);
    if (this.nodeOf(course, child).type === 'Task') this.emit(course, undefined, 'TaskStateAborted', undefined, after);
    for (const sibling of course.childrenOf(parent)) {
      if (sibling !== child && sibling.phase.kind !== 'done') {
        if (isMap) this.emit(course, undefined, 'MapIterationAborted', iteration(sibling.index), after);
        this.#abort(course, sibling, after);
      }
      this.#removeAll(course, sibling);
    }
    course.items.delete(parent.id);
    parent.previousEventId = after;
    this.fail(course, parent, failure);
  }

  #abort(course: Course, thread: Thread, after: number): void {
    for (const child of course.childrenOf(thread)) if (child.phase.kind !== 'done') this.#abort(course, child, after);
    const { type } = this.nodeOf(course, thread);
    const hasEntered = thread.phase.kind !== 'enter';
    if (hasEntered && ABORTABLE.has(type)) this.emit(course, undefined, `${type}StateAborted`, undefined, after);
    this.desk.abandoned(this, course, thread);
  }

  #removeAll(course: Course, thread: Thread): void {
    if (thread.phase.kind === 'children') {
      for (const child of course.childrenOf(thread)) this.#removeAll(course, child);
    }
    course.remove(thread);
  }

  /** Ends the execution. */
  end(course: Course, thread: Thread | undefined, ending: Ending): void {
    if (course.isOver()) return;
    const { record } = course;
    record.status = ending.status;
    record.stoppedAt = this.now();
    record.error = ending.error;
    record.cause = ending.cause;
    record.hasOutput = ending.output !== undefined;
    const after = ending.status === 'ABORTED' || ending.status === 'TIMED_OUT' ? 0 : undefined;
    this.emit(course, thread, EVENT_OF[ending.status], endingDetails(ending), after);
    course.timeout?.cancel();
    for (const open of [...course.threads.values()]) {
      if (open.phase.kind !== 'done') this.desk.abandoned(this, course, open);
    }
    // What failed may be taken up again where it failed.
    const isKept = ending.status !== 'SUCCEEDED' && record.type === 'STANDARD';
    for (const timer of course.timers.values()) timer.cancel();
    course.timers.clear();
    course.ready.length = 0;
    if (!isKept) for (const open of [...course.threads.values()]) course.remove(open);
    this.#keeper.keepCourse(course);
    this.#keeper.ended(course, ending.output);
  }
}

export const WHOLE = { truncated: false } as const;

/** What catchers get. */
export const errorOutputOf = ({ error, errorCause }: StateFailure): JsonObject => ({
  Error: error ?? null,
  Cause: errorCause ?? (error === 'States.Timeout' ? '' : null),
});

const EVENT_OF = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

const endingDetails = ({ output, error, cause }: Ending): Readonly<Record<string, unknown>> => {
  if (output !== undefined) return { output, outputDetails: WHOLE };
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
};

const dueAt = (phase: Phase): EpochMs | undefined => {
  if (phase.kind === 'wait' || phase.kind === 'retry') return phase.until;
  if (phase.kind !== 'task' && phase.kind !== 'activity') return undefined;
  const { timeoutAt, heartbeatAt } = phase;
  if (timeoutAt === undefined || heartbeatAt === undefined) return timeoutAt ?? heartbeatAt;
  return Math.min(timeoutAt, heartbeatAt);
};
