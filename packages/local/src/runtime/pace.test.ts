import { describe, expect, it } from 'vitest';
import { ASLEEP_ROUNDS_MAX, AWAKE_ROUNDS, CALLS, Pace, SETTLED_ROUNDS } from './pace.ts';

/** A caller whose calls come so many milliseconds apart, by whether the thread is awake. */
class Caller {
  isAwake = false;
  readonly #pace = new Pace((isAwake) => {
    this.isAwake = isAwake;
  });
  #now = 1_000;

  constructor() {
    this.#pace.begun(this.#now, false);
  }

  /** Makes so many hundred calls; says how many of them found the thread awake at their end. */
  call(hundreds: number, apartMs: (isAwake: boolean) => number, isNext = true): number {
    let awake = 0;
    for (let hundred = 0; hundred < hundreds; hundred++) {
      for (let call = 0; call < CALLS; call++) this.once(apartMs(this.isAwake), isNext);
      if (this.isAwake) awake += 1;
    }
    return awake;
  }

  once(apartMs: number, isNext = true): void {
    this.#now += apartMs;
    this.#pace.begun(this.#now, isNext);
  }
}

const FASTER = (isAwake: boolean): number => (isAwake ? 0.13 : 0.2);
const NO_FASTER = (isAwake: boolean): number => (isAwake ? 0.19 : 0.2);

describe('Pace', () => {
  it('has the thread stay awake where calls come faster then', () => {
    expect(new Caller().call(10 * AWAKE_ROUNDS, FASTER)).toBeGreaterThan(9.5 * AWAKE_ROUNDS);
  });

  it('compares again after a while', () => {
    const caller = new Caller();
    caller.call(1, FASTER);
    expect(caller.isAwake).toBe(true);
    expect(caller.call(AWAKE_ROUNDS, FASTER)).toBe(AWAKE_ROUNDS - 1);
  });

  it('lets it sleep where they do not, and tries ever more rarely', () => {
    const caller = new Caller();
    // After 1, 4, 16 and 64 hundreds.
    expect(caller.call(1 + 4 + 16 + 64 + 4 * SETTLED_ROUNDS, NO_FASTER)).toBe(4 * SETTLED_ROUNDS);
    expect(caller.call(10 * ASLEEP_ROUNDS_MAX, NO_FASTER)).toBeLessThanOrEqual(10 * SETTLED_ROUNDS);
  });

  it('goes on although the first hundred is slower', () => {
    const caller = new Caller();
    caller.call(1, FASTER);
    caller.call(1, () => 0.22);
    expect(caller.call(10, FASTER)).toBe(10);
  });

  it('lets it sleep when they come no faster any more', () => {
    const caller = new Caller();
    caller.call(20, FASTER);
    caller.call(1, () => 0.4);
    expect(caller.isAwake).toBe(false);
  });

  it('lets it sleep at once when calls meet other work', () => {
    const caller = new Caller();
    caller.call(1, FASTER);
    for (let call = 0; call < CALLS; call++) caller.once(call < 6 ? 1 : 0.01);
    expect(caller.isAwake).toBe(false);
  });

  it('does not try while they do', () => {
    const caller = new Caller();
    for (let call = 0; call < 20 * CALLS; call++) {
      caller.once(call % CALLS < 2 ? 1 : 0.2);
      expect(caller.isAwake).toBe(false);
    }
  });

  it.each([
    ['calls that come too slowly for a thread to wait', 0.6, true],
    ['pauses between them', 6, true],
    ['several environments, or several at once', 0.1, false],
  ])('leaves it asleep with %s', (_, apartMs, isNext) => {
    expect(new Caller().call(50, () => apartMs, isNext)).toBe(0);
  });

  it.each([
    ['a pause', (caller: Caller) => caller.once(6)],
    ['another call beside it', (caller: Caller) => caller.once(0.1, false)],
  ])('lets it sleep after %s', (_, happen) => {
    const caller = new Caller();
    caller.call(2, FASTER);
    happen(caller);
    expect(caller.isAwake).toBe(false);
  });
});
