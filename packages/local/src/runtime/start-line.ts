import type { RuntimeInvocation } from '@holdfast/engine';
import { LONGEST_MS, ProcessorShare } from './processor-share.ts';
import type { RunningEnvironments } from './running-environments.ts';
import { WaitingInvocations } from './waiting-invocations.ts';

/** What decides whether another environment may start. */
export interface StartRules {
  readonly processors: number;
  readonly running: RunningEnvironments;
  /** Whether there are as many environments as there may be. */
  isFull(): boolean;
  /** Whether one of them has nothing to do, and could be ended for another. */
  hasOneToSpare(): boolean;
  /** Whether environments are set in motion one after the other, so that none takes the time of another. */
  isOneByOne(): boolean;
  /** Starts an environment for an invocation that has waited. */
  start(invocation: RuntimeInvocation): void;
}

/** So many wait before events are left in Lambda's own queue: a quarter of the concurrency that an account has. */
const LONG_LINE = 250;

/** The invocations that wait until another environment may start, or one of their function is free. */
export class StartLine {
  readonly #rules: StartRules;
  readonly #waiting = new WaitingInvocations();
  readonly #processors: ProcessorShare;

  constructor(rules: StartRules) {
    this.#rules = rules;
    this.#processors = new ProcessorShare(rules.processors, rules.running, () => this.proceed());
  }

  /** Somebody waits, and not for an environment to end. */
  get isStartOwed(): boolean {
    return !this.#waiting.isEmpty && (!this.#rules.isFull() || this.#rules.hasOneToSpare());
  }

  /** Whether more wait than can be of use, and not for an environment to end. */
  get isLong(): boolean {
    return this.#waiting.size >= LONG_LINE && this.isStartOwed;
  }

  /** Whether somebody waits for an environment of a key. */
  hasOf(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Whether an invocation for environments of a key may start one at once; else it stands in line. */
  passes(key: string, invocation: RuntimeInvocation): boolean {
    const isFirst = !this.#waiting.has(key);
    if (isFirst && this.#mayStart(key, performance.now())) return true;
    this.#waiting.add(key, invocation);
    if (!isFirst) this.proceed();
    return false;
  }

  /**
   * Starts who has waited longest and for too long for a place, which there is now that an environment of a key is free.
   * It is the one of another key: a function that is invoked all the time would never let go of what it has.
   */
  giveWay(key: string): void {
    if (!this.#rules.isFull()) return;
    const own = this.#waiting.since(key);
    const longAgo = performance.now() - (this.#rules.isOneByOne() ? 0 : LONGEST_MS);
    if (own === undefined) return;
    const other = this.#waiting.firstThat((of, since) => since < own && since < longAgo && this.#mayStart(of, since));
    const next = other === undefined ? undefined : this.#waiting.take(other);
    if (next !== undefined) this.#rules.start(next);
  }

  /** Who has waited longest for an environment of a key, which is free now. */
  take(key: string): RuntimeInvocation | undefined {
    return this.#waiting.take(key);
  }

  /** Starts environments for those who wait, in their order, as far as that is possible. */
  proceed(): void {
    while (!this.#waiting.isEmpty) {
      const key = this.#waiting.firstThat((...of) => this.#mayStart(...of));
      const next = key === undefined ? undefined : this.#waiting.take(key);
      if (next === undefined) return;
      this.#rules.start(next);
    }
  }

  /** Nobody waits any more; those who did. */
  close(): readonly RuntimeInvocation[] {
    this.#processors.close();
    return this.#waiting.takeAll();
  }

  /** For who waits since then, in real time. */
  #mayStart(key: string, since: number): boolean {
    const { running } = this.#rules;
    if (this.#rules.isFull() && !this.#rules.hasOneToSpare()) return false;
    if (this.#rules.isOneByOne() || !running.hasOf(key, 1)) return true;
    return this.#processors.hasRoom(since);
  }
}
