import {
  type DeadLetterExpectation,
  type MessageSpy,
  matchers,
  startTestEngine,
  type TestEngine,
  type TestEngineOptions,
} from '@holdfast/testing';
import { expect, test as it } from 'vitest';

declare module 'vitest' {
  interface Matchers<R, T> {
    /** In a failure queue lies the record, or what is about it. To be awaited. */
    toBeDeadLettered(expected?: DeadLetterExpectation): Promise<void>;
    /** The record reached a bound handler, or lies in a queue, of that name. To be awaited. */
    toHaveDelivered(place: string): Promise<void>;
    /** An alarm went to ALARM, now or before; without a name, any. */
    toHaveAlarmed(alarmName?: string): R;
    /** Bound handlers, or the one that is named, were given the record so often. */
    toHaveAttempts(expected: number, handler?: string): R;
    /** Bound handlers, or the one that is named, processed the record once. */
    toBeProcessedOnce(handler?: string): R;
  }
}

expect.extend(matchers);

/** What a test of {@link holdfastTest} is given. */
export interface HoldfastFixtures {
  /** How the engine is started; `holdfastTest.extend({ engine: { startAt } })` says otherwise. */
  readonly engine: TestEngineOptions;
  /** An engine of this test alone, closed behind it. When the test fails, what happened is printed. */
  readonly aws: TestEngine;
  /** Its spy of messages: `await spy.waitFor({ queue: 'orders', status: 'dlq' })`. */
  readonly spy: MessageSpy;
}

/**
 * Vitest's `test` with an engine.
 *
 * @example
 * ```ts
 * holdfastTest('an order that nobody can book is put aside', async ({ aws }) => { … });
 * ```
 */
export const holdfastTest = it.extend<HoldfastFixtures>({
  engine: {},
  aws: async ({ engine, onTestFailed }, use) => {
    await using aws = await startTestEngine(engine);
    // Whoever is told of the failure comes when the engine is closed.
    let timeline = '';
    onTestFailed(() => console.error(timeline));
    try {
      await use(aws);
    } finally {
      timeline = aws.timeline();
    }
  },
  spy: async ({ aws }, use) => use(aws.messageSpy),
});
