import type { EpochMs } from '@holdfast/kernel';
import type { Json, JsonObject, ServiceEnvironment } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { EvaluationFailure, runtimeFailure, StateFailure } from '../language/errors.ts';
import type { Scope } from '../language/scope.ts';
import { childDone } from './children.ts';
import type { Course } from './course.ts';
import { type Ending, endingDetails, endingEventOf } from './ending.ts';
import { WHOLE } from './event-details.ts';
import type { Phase, StoredEvent, Thread } from './execution.ts';
import { failState } from './failing.ts';
import { checkedPayload, produce, type StateOutput } from './processing.ts';
import { waited, workOf } from './states.ts';
import { taskTimedOut } from './task-endings.ts';
import type { TaskStep } from './task-metrics.ts';
import type { TaskDesk } from './tasks.ts';
import { threadScope } from './thread-scope.ts';

/** Events of one execution's history; with the last of them it fails. */
export const HISTORY_EVENTS_MAX = 25_000;
/** Transitions within one instant after which a millisecond passes: no loop of states holds the engine. */
const TRANSITIONS_AT_ONCE = 2_000;

/** What the runner hands on about executions. */
export interface CourseKeeper {
  /** Takes an event of the history. */
  keepEvent(course: Course, event: StoredEvent): void;
  /** Counts what becomes of a task. */
  measure(course: Course, thread: Thread, step: TaskStep): void;
  /** Makes what has changed durable. */
  keepCourse(course: Course): void;
  /** Told once, when an execution has ended; `output` is JSON text. */
  ended(course: Course, output: string | undefined): void;
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
    return threadScope(this.environment, course, thread, token, this.now());
  }

  /** Counts what becomes of the task that a thread is at. */
  measure(course: Course, thread: Thread, step: TaskStep): void {
    this.#keeper.measure(course, thread, step);
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
    this.leave(course, thread, node, produced, target);
  }

  /** Notes the text that a result was made of. */
  keepText(value: object, text: string): void {
    this.#texts.set(value, text);
  }

  /** JSON text of a value; what has not been touched keeps the text that it had. */
  textOf(course: Course, thread: Thread, value: Json): string {
    return value === course.inputOf(thread)
      ? thread.input
      : (this.#texts.get(value as object) ?? JSON.stringify(value));
  }

  /** Goes on to the next state, or ends the level, with what the state has produced. */
  leave(course: Course, thread: Thread, node: StateNode, produced: StateOutput, next: string | undefined): void {
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
    childDone(this, course, parent, thread);
  }

  /** A state has failed: it is tried again, caught, or ends what it is part of. */
  fail(course: Course, thread: Thread, failure: StateFailure): void {
    failState(this, course, thread, failure);
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
    this.emit(course, thread, endingEventOf(ending), endingDetails(ending), after);
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

const dueAt = (phase: Phase): EpochMs | undefined => {
  if (phase.kind === 'wait' || phase.kind === 'retry') return phase.until;
  if (phase.kind !== 'task' && phase.kind !== 'activity') return undefined;
  const { timeoutAt, heartbeatAt } = phase;
  if (timeoutAt === undefined || heartbeatAt === undefined) return timeoutAt ?? heartbeatAt;
  return Math.min(timeoutAt, heartbeatAt);
};
