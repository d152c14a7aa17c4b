import { describe, expect, it } from 'vitest';
import { backoffMs, decideAfterStreamAttempt, readStreamResponse, type StreamOutcome } from './stream-attempt.ts';

const failedFrom = (index: number): StreamOutcome => ({ kind: 'failed-from', index });
const decide = (
  outcome: StreamOutcome,
  batch: { size?: number; attempts?: number; refusals?: number } = {},
  policy: { maximumRetryAttempts?: number; bisects?: boolean } = {},
) =>
  decideAfterStreamAttempt(
    outcome,
    { size: 4, attempts: 0, refusals: 0, ...batch },
    { maximumRetryAttempts: 2, bisects: false, ...policy },
  );

describe('after an attempt a batch', () => {
  it('is done when the function succeeded', () => {
    expect(decide({ kind: 'success' })).toEqual({ next: 'done' });
  });

  it('waits without using up a retry when the function was not reached', () => {
    expect(decide({ kind: 'refused' }, { attempts: 2, refusals: 3 })).toEqual({
      next: 'wait',
      done: 0,
      delayMs: 8_000,
      attempts: 2,
    });
  });

  it('waits as long as retries are left, and is discarded after the last', () => {
    expect(decide(failedFrom(0), { attempts: 1 })).toEqual({ next: 'wait', done: 0, delayMs: 2_000, attempts: 2 });
    expect(decide(failedFrom(0), { attempts: 2 })).toEqual({ next: 'discard', done: 0, attempts: 3 });
    expect(decide(failedFrom(0), { attempts: 999 }, { maximumRetryAttempts: -1 })).toMatchObject({ next: 'wait' });
  });

  it('goes on behind what succeeded', () => {
    expect(decide(failedFrom(3))).toEqual({ next: 'wait', done: 3, delayMs: 1_000, attempts: 0 });
    expect(decide(failedFrom(3), { attempts: 2 }, { maximumRetryAttempts: 0 })).toEqual({
      next: 'wait',
      done: 3,
      delayMs: 1_000,
      attempts: 0,
    });
  });

  it('is cut in halves, or at what was reported, when it may be bisected', () => {
    const policy = { bisects: true, maximumRetryAttempts: 0 };
    expect(decide(failedFrom(0), { size: 5 }, policy)).toEqual({ next: 'split', done: 0, sizes: [3, 2] });
    expect(decide(failedFrom(3), { size: 5 }, policy)).toEqual({ next: 'split', done: 3, sizes: [2] });
    expect(decide(failedFrom(0), { size: 1 }, policy)).toEqual({ next: 'discard', done: 0, attempts: 1 });
  });
});

describe('waits between attempts', () => {
  it('double from one second to twelve', () => {
    expect([1, 2, 3, 4, 5, 6, 1_000].map(backoffMs)).toEqual([1_000, 2_000, 4_000, 8_000, 12_000, 12_000, 12_000]);
  });
});

describe('the answer of a function that reports failures', () => {
  const numbers = ['100', '200', '1000'];

  it('counts from the lowest number, whatever the order of the report', () => {
    const payload = JSON.stringify({ batchItemFailures: [{ itemIdentifier: '1000' }, { itemIdentifier: '200' }] });

    expect(readStreamResponse(payload, numbers)).toEqual({ kind: 'failed-from', index: 1 });
  });

  it('fails the whole batch when it cannot be understood', () => {
    const whole = { kind: 'failed-from', index: 0 };

    expect(readStreamResponse('{"batchItemFailures":[{"itemIdentifier":"3"}]}', numbers)).toEqual(whole);
    expect(readStreamResponse('no json', numbers)).toEqual(whole);
    expect(readStreamResponse('{}', numbers)).toEqual({ kind: 'success' });
  });
});
