import type { Json, JsonObject, ServiceEnvironment } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { StateFailure } from '../language/errors.ts';
import type { Scope } from '../language/scope.ts';
import type { Course } from '../running/course.ts';
import type { Phase, Thread } from '../running/execution.ts';
import { type CourseKeeper, Runner } from '../running/runner.ts';
import { workOf } from '../running/states.ts';
import type { TaskDesk } from '../running/tasks.ts';

/** What became of one state. */
export type ProbeOutcome =
  | {
      readonly kind: 'result';
      readonly result: Json;
      readonly rule?: JsonObject | undefined;
      readonly next?: string | undefined;
    }
  | { readonly kind: 'failure'; readonly failure: StateFailure };

const nobody: CourseKeeper = { keepEvent: () => {}, measure: () => {}, keepCourse: () => {}, ended: () => {} };

/** Does what a single state does, and tells the outcome instead of going on. */
export class Probe extends Runner {
  #outcome: ((outcome: ProbeOutcome) => void) | undefined;
  readonly #context: JsonObject | undefined;

  /** `context` takes the place of the context object. */
  constructor(environment: ServiceEnvironment, desk: TaskDesk, context: JsonObject | undefined) {
    super(environment, nobody, desk);
    this.#context = context;
  }

  override scopeOf(course: Course, thread: Thread, token?: string): Scope {
    const scope = super.scopeOf(course, thread, token);
    if (this.#context === undefined) return scope;
    const { input, variables, tools, nowMs } = scope;
    return { input, context: this.#context, variables, tools, nowMs };
  }

  perform(course: Course, thread: Thread, node: StateNode): Promise<ProbeOutcome> {
    return new Promise((resolve) => {
      this.#outcome = resolve;
      this.attempt(course, thread, () => {
        workOf(node.type)(this, course, thread, node);
        if (thread.phase.kind === 'start') this.desk.start(this, course, thread, node, thread.phase);
      });
    });
  }

  override emit(): number {
    return 0;
  }

  override run(): void {}

  /** Waiting is not waited for. */
  override park(course: Course, thread: Thread, phase: Phase): void {
    thread.phase = phase;
    if (phase.kind === 'wait')
      this.exit(course, thread, this.nodeOf(course, thread), this.scopeOf(course, thread).input);
  }

  override exit(
    _course: Course,
    _thread: Thread,
    _node: StateNode,
    result: Json,
    rule?: JsonObject,
    next?: string,
  ): void {
    this.#outcome?.({ kind: 'result', result, rule, next });
  }

  override fail(_course: Course, _thread: Thread, failure: StateFailure): void {
    this.#outcome?.({ kind: 'failure', failure });
  }
}

/** A failure that a test brings with it. */
export const mockedFailure = (error: string | undefined, cause: string | undefined): StateFailure =>
  new StateFailure(error, cause);
