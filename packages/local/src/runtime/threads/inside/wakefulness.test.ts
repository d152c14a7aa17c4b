import { describe, expect, it } from 'vitest';
import { Wakefulness } from './wakefulness.ts';

/** A thread whose event loop is turned by hand, a tenth of a millisecond each time. */
const threadThat = ({ isAwake = true, isVirtual = false }) => {
  const awake = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const slots = new Int32Array(awake);
  slots[0] = isAwake ? 1 : 0;
  let elapsed = 0;
  let pending: (() => void)[] = [];
  const thread = { isWorking: false, slots, isTurning: () => pending.length > 0, turn: () => {} };
  const wakefulness = new Wakefulness(
    awake,
    { isVirtual: () => isVirtual, realElapsed: () => elapsed },
    () => thread.isWorking,
    (run) => pending.push(run),
  );
  thread.turn = () => {
    elapsed += 0.1;
    const now = pending;
    pending = [];
    for (const run of now) run();
  };
  return Object.assign(thread, { answered: () => wakefulness.answered() });
};

describe('Wakefulness', () => {
  it('turns the loop for a moment after an answer, once each time', () => {
    const thread = threadThat({});
    thread.answered();
    thread.turn();
    thread.turn();
    expect(thread.isTurning()).toBe(true);
    thread.answered();
    thread.turn();
    thread.turn();
    expect(thread.isTurning()).toBe(true);
    thread.turn();
    thread.turn();
    expect(thread.isTurning()).toBe(false);
  });

  it.each([
    ['the next call is there', (thread: ReturnType<typeof threadThat>) => Object.assign(thread, { isWorking: true })],
    ['the engine takes it back', (thread: ReturnType<typeof threadThat>) => thread.slots.fill(0)],
  ])('stops when %s', (_, happen) => {
    const thread = threadThat({});
    thread.answered();
    happen(thread);
    thread.turn();
    expect(thread.isTurning()).toBe(false);
  });

  it.each([
    ['unless the engine says so', { isAwake: false }],
    ['in virtual time', { isVirtual: true }],
  ])('lets it sleep %s', (_, options) => {
    const thread = threadThat(options);
    thread.answered();
    expect(thread.isTurning()).toBe(false);
  });
});
