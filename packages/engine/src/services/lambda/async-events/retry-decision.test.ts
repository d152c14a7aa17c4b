import { describe, expect, it } from 'vitest';
import { type AttemptOutcome, decideAfterAttempt, type EventProgress } from './retry-decision.ts';

const DEFAULTS = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 };

const decide = (outcome: AttemptOutcome, progress: Partial<EventProgress>, now: number, policy: object = {}) =>
  decideAfterAttempt(outcome, { acceptedAt: 0, runs: 0, refusals: 0, ...progress }, { ...DEFAULTS, ...policy }, now);

describe('the decision after an attempt', () => {
  it('counts runs, and waits one minute and then two after function errors', () => {
    expect(decide('function-error', { runs: 0 }, 5)).toMatchObject({ next: 'wait', nextAttemptAt: 60_005, runs: 1 });
    expect(decide('function-error', { runs: 1 }, 5)).toMatchObject({ next: 'wait', nextAttemptAt: 120_005, runs: 2 });
    expect(decide('function-error', { runs: 2 }, 5)).toEqual({ next: 'end', condition: 'RetriesExhausted', runs: 3 });
  });

  it('ends at the first error without retries', () => {
    expect(decide('function-error', {}, 1, { maximumRetryAttempts: 0 })).toEqual({
      next: 'end',
      condition: 'RetriesExhausted',
      runs: 1,
    });
  });

  it('looks ahead: a wait that reaches the maximum age ends now', () => {
    expect(decide('function-error', {}, 0, { maximumEventAgeSeconds: 60 })).toMatchObject({ next: 'end' });
    expect(decide('function-error', {}, 0, { maximumEventAgeSeconds: 61 })).toMatchObject({ next: 'wait' });
  });

  it('doubles the wait after refusals up to five minutes and leaves the runs alone', () => {
    const waits = [0, 1, 2, 8, 9, 10, 1_000].map((refusals) => {
      const decision = decide('refused', { refusals, runs: 1 }, 1_000_000);
      return decision.next === 'wait' ? [decision.nextAttemptAt - 1_000_000, decision.runs] : undefined;
    });

    expect(waits).toEqual([
      [1_000, 1],
      [2_000, 1],
      [4_000, 1],
      [256_000, 1],
      [300_000, 1],
      [300_000, 1],
      [300_000, 1],
    ]);
  });

  it('starts the doubling afresh after a run', () => {
    expect(decide('function-error', { refusals: 7 }, 0)).toMatchObject({ refusals: 0 });
  });

  it('never waits beyond the maximum age', () => {
    expect(decide('refused', { refusals: 9 }, 21_590_000)).toMatchObject({ next: 'wait', nextAttemptAt: 21_600_000 });
    expect(decide('refused', { refusals: 9 }, 21_600_000)).toMatchObject({
      next: 'end',
      condition: 'EventAgeExceeded',
    });
  });
});
