import timersModule from 'node:timers';
import timersPromises from 'node:timers/promises';
import { type Place, Roster } from '@holdfast/kernel';
import type { EngineClock } from './clock.ts';

/** Timers of the machine, for our own use. */
export const realTimers = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
};

/** What others want to know of the function's timers, and tell them. */
export interface EngineTimers {
  /** Runs virtual timers that are due, earliest first. */
  runDue(): void;
  /** Of the earliest virtual one. */
  nextAt(): number | undefined;
  /** A timer of the machine is under way. */
  hasReal(): boolean;
  /** Virtual timers that keep the function from being done: all that have not been unreferenced. */
  holding(): number;
  /** The clock's mode is another: timers go on in it. */
  rearm(): void;
}

/**
 * Replaces the function's timers: real ones in live time, entries of a table in virtual time.
 *
 * `onHolding` is called when {@link EngineTimers.holding} has changed.
 */
export const installTimers = ({ now, isVirtual }: EngineClock, onHolding: () => void): EngineTimers => {
  const armed = new Roster<EngineTimer>();
  /** Only timers that were turned into numbers, for `clearTimeout(number)`. */
  const timersById = new Map<number, EngineTimer>();
  let nextTimerId = 1;
  let holding = 0;

  class EngineTimer {
    readonly id = nextTimerId++;
    at = 0;
    armed = true;
    handle: NodeJS.Timeout | undefined;
    isReferenced = true;
    place: Place | undefined;
    readonly delayMs: number;
    readonly repeats: boolean;
    readonly run: () => void;

    constructor(run: () => void, delayMs: number, repeats: boolean) {
      this.run = run;
      this.delayMs = Math.max(1, Number(delayMs) || 1);
      this.repeats = repeats;
      this.arm(now() + this.delayMs);
    }

    get holds(): boolean {
      return this.armed && this.handle === undefined && this.isReferenced;
    }

    arm(at: number): void {
      this.at = at;
      this.armed = true;
      this.place = armed.add(this);
      if (!isVirtual()) {
        this.handle = realTimers.setTimeout(() => this.fire(), Math.max(1, at - now()));
        if (!this.isReferenced) this.handle.unref();
      }
      if (this.holds) count(1);
    }

    fire(): void {
      this.disarm();
      if (this.repeats) this.arm(now() + this.delayMs);
      else timersById.delete(this.id);
      this.run();
    }

    disarm(): void {
      if (this.holds) count(-1);
      this.armed = false;
      this.place?.leave();
      if (this.handle !== undefined) realTimers.clearTimeout(this.handle);
      this.handle = undefined;
    }

    ref(): this {
      return this.#refer(true);
    }

    unref(): this {
      return this.#refer(false);
    }

    hasRef(): boolean {
      return this.isReferenced;
    }

    refresh(): this {
      this.disarm();
      this.arm(now() + this.delayMs);
      return this;
    }

    close(): this {
      this.disarm();
      return this;
    }

    [Symbol.toPrimitive](): number {
      timersById.set(this.id, this);
      return this.id;
    }

    [Symbol.dispose](): void {
      this.disarm();
    }

    #refer(isReferenced: boolean): this {
      const held = this.holds;
      this.isReferenced = isReferenced;
      if (isReferenced) this.handle?.ref();
      else this.handle?.unref();
      if (this.holds !== held) count(this.holds ? 1 : -1);
      return this;
    }
  }

  const count = (change: 1 | -1): void => {
    holding += change;
    onHolding();
  };

  type Run = (...parts: unknown[]) => void;
  const engineSetTimeout = (run: Run, delayMs = 1, ...parts: unknown[]): EngineTimer =>
    new EngineTimer(() => run(...parts), delayMs, false);
  const engineSetInterval = (run: Run, delayMs = 1, ...parts: unknown[]): EngineTimer =>
    new EngineTimer(() => run(...parts), delayMs, true);
  const engineClear = (timer: unknown): void => {
    if (timer instanceof EngineTimer) timer.disarm();
    else if (typeof timer === 'number' || typeof timer === 'string') timersById.get(Number(timer))?.disarm();
    else if (timer !== undefined && timer !== null) realTimers.clearTimeout(timer as NodeJS.Timeout);
  };

  interface PromiseOptions {
    readonly signal?: AbortSignal;
    readonly ref?: boolean;
  }
  const promisedTimeout = (delayMs?: number, value?: unknown, options?: PromiseOptions): Promise<unknown> =>
    new Promise((resolve, reject) => {
      options?.signal?.throwIfAborted();
      const timer = engineSetTimeout(() => resolve(value), delayMs);
      if (options?.ref === false) timer.unref();
      options?.signal?.addEventListener('abort', () => {
        timer.disarm();
        reject(options.signal?.reason);
      });
    });
  async function* promisedInterval(delayMs?: number, value?: unknown, options?: PromiseOptions): AsyncGenerator {
    let at = now();
    for (;;) {
      at += Math.max(1, Number(delayMs) || 1);
      await promisedTimeout(at - now(), undefined, options);
      yield value;
    }
  }
  Object.defineProperty(engineSetTimeout, Symbol.for('nodejs.util.promisify.custom'), { value: promisedTimeout });

  const replaced = {
    setTimeout: engineSetTimeout,
    setInterval: engineSetInterval,
    clearTimeout: engineClear,
    clearInterval: engineClear,
  };
  Object.assign(globalThis, replaced);
  Object.assign(timersModule, replaced);
  Object.assign(timersPromises, { setTimeout: promisedTimeout, setInterval: promisedInterval });
  Object.assign(timersPromises.scheduler, {
    wait: (ms: number, options?: PromiseOptions) => promisedTimeout(ms, undefined, options),
  });

  const earliest = (): EngineTimer | undefined => {
    let first: EngineTimer | undefined;
    for (const timer of armed.items()) {
      if (timer.handle === undefined && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  };
  return {
    runDue: () => {
      for (;;) {
        const next = earliest();
        if (next === undefined || next.at > now()) return;
        next.fire();
      }
    },
    nextAt: () => earliest()?.at,
    hasReal: () => armed.items().some((timer) => timer.handle !== undefined),
    holding: () => holding,
    rearm: () => {
      for (const timer of armed.items()) {
        const { at } = timer;
        timer.disarm();
        timer.arm(at);
      }
    },
  };
};
