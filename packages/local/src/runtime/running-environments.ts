import type { EpochMs } from '@holdfast/kernel';
import type { RestingInvocation } from '../standing-clock/waiting-call.ts';
import type { ExecutionEnvironment } from './environment.ts';

/** The environments that have an invocation, in the order in which they got it. */
export class RunningEnvironments implements Iterable<ExecutionEnvironment> {
  readonly #all = new Set<ExecutionEnvironment>();

  [Symbol.iterator](): Iterator<ExecutionEnvironment> {
    return this.#all.values();
  }

  add(environment: ExecutionEnvironment): void {
    this.#all.add(environment);
  }

  delete(environment: ExecutionEnvironment): void {
    this.#all.delete(environment);
  }

  /** Whether there are at least so many of a key. */
  hasOf(key: string, count: number): boolean {
    let found = 0;
    for (const environment of this.#all) {
      if (environment.key === key) found += 1;
      if (found === count) return true;
    }
    return false;
  }

  /** Their invocations, for who wants to know what they wait for. */
  invocations(): readonly RestingInvocation[] {
    return [...this.#all].flatMap(({ underWay, spec, accessKeyId, nextTimerAt }) =>
      underWay === undefined
        ? []
        : [{ ...underWay, functionName: spec.functionName, accessKeyId, sleepsUntil: nextTimerAt }],
    );
  }

  /** The earliest timer of their code, as far as it is known. */
  nextTimerAt(): EpochMs | undefined {
    let earliest: EpochMs | undefined;
    for (const { nextTimerAt } of this.#all) {
      if (nextTimerAt !== undefined && (earliest === undefined || nextTimerAt < earliest)) earliest = nextTimerAt;
    }
    return earliest;
  }

  /** Lets timers run that are due: of all of them, or of the first that has one. */
  runTimers(now: EpochMs, ofAll: boolean): void {
    for (const environment of this.#all) {
      if (environment.nextTimerAt === undefined || environment.nextTimerAt > now) continue;
      environment.runTimers();
      if (!ofAll) return;
    }
  }

  /** The first that was not quiet when it was last asked, or to which something has happened since. */
  firstRestless(): ExecutionEnvironment | undefined {
    for (const environment of this.#all) if (!environment.isQuiet) return environment;
    return undefined;
  }
}
