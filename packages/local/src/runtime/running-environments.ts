import type { EpochMs } from '@holdfast/kernel';
import type { RestingInvocation } from '../standing-clock/waiting-call.ts';
import type { ExecutionEnvironment } from './environment.ts';
import { LoneCaller } from './lone-caller.ts';

/** The environments that have an invocation, or load their code ahead of any, in the order in which they began. */
export class RunningEnvironments implements Iterable<ExecutionEnvironment> {
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #lone = new LoneCaller();

  [Symbol.iterator](): Iterator<ExecutionEnvironment> {
    return this.#all.values();
  }

  add(environment: ExecutionEnvironment): void {
    this.#all.add(environment);
    this.#lone.begun(this.#all.size);
  }

  delete(environment: ExecutionEnvironment): void {
    if (this.#all.delete(environment)) this.#lone.ended(this.#all.size);
  }

  /** Whether at least so many of a key have an invocation. */
  hasOf(key: string, count: number): boolean {
    let found = 0;
    for (const environment of this.#all) {
      if (environment.key === key && environment.isRunning) found += 1;
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

  /** Those in which a timer is due. */
  *withTimerDue(now: EpochMs): Iterable<ExecutionEnvironment> {
    for (const environment of this.#all) {
      if (environment.nextTimerAt !== undefined && environment.nextTimerAt <= now) yield environment;
    }
  }

  /** The first that was not quiet when it was last asked, or to which something has happened since. */
  firstRestless(): ExecutionEnvironment | undefined {
    for (const environment of this.#all) if (!environment.isQuiet) return environment;
    return undefined;
  }
}
