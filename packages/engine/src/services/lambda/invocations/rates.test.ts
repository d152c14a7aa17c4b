import { describe, expect, it } from 'vitest';
import { LambdaBench } from '../lambda-bench.ts';

/** Invokes `count` times at one instant; the reasons of those that were turned away, and how often. */
const invoke = async (
  bench: LambdaBench,
  FunctionName: string,
  count: number,
  more: object = {},
): Promise<Record<string, number>> => {
  const reasons: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    void bench.call('Invoke', { FunctionName, ...more }).catch((error: { members: { Reason: string } }) => {
      const { Reason } = error.members;
      reasons[Reason] = (reasons[Reason] ?? 0) + 1;
    });
  }
  await bench.advance(0);
  return reasons;
};

describe('the scaling rate of a function', () => {
  it('gives a thousand environments at once, then a hundred per second, and none for what is warm', async () => {
    const bench = new LambdaBench({ settings: { accountConcurrency: 5_000 } });
    await bench.createFunction('fn', () => ({ durationMs: 60_000 }));
    await bench.createFunction('other', () => ({ durationMs: 60_000 }));

    expect(await invoke(bench, 'fn', 1_500)).toEqual({ ConcurrentInvocationLimitExceeded: 500 });
    expect(await invoke(bench, 'other', 1_000)).toEqual({});
    await bench.advance(5_000);
    expect(await invoke(bench, 'fn', 600)).toEqual({ ConcurrentInvocationLimitExceeded: 100 });
    expect(bench.total('Throttles')).toBe(600);

    await bench.advance(120_000);
    // 1,500 are warm, and 1,000 more may be had.
    expect(await invoke(bench, 'fn', 2_600)).toEqual({ ConcurrentInvocationLimitExceeded: 100 });
  });

  it('forgets environments that nobody needed for a while', async () => {
    const bench = new LambdaBench({ settings: { accountConcurrency: 5_000 } });
    await bench.createFunction('fn', () => ({ durationMs: 1_000 }));
    await invoke(bench, 'fn', 1_000);
    await bench.advance(60_000);
    expect(await invoke(bench, 'fn', 2_100)).toEqual({ ConcurrentInvocationLimitExceeded: 100 });

    await bench.advance(30 * 60_000);

    expect(await invoke(bench, 'fn', 1_100)).toEqual({ ConcurrentInvocationLimitExceeded: 100 });
  });
});

describe('the limit on requests per second', () => {
  it('is ten times the reserved concurrency', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 2 });

    const reasons: Record<string, number>[] = [];
    for (let round = 0; round < 15; round++) {
      reasons.push(await invoke(bench, 'fn', 2));
      await bench.advance(1);
    }

    const turnedAway = { ReservedFunctionInvocationRateLimitExceeded: 2 };
    expect(reasons.slice(0, 10)).toEqual(Array(10).fill({}));
    expect(reasons.slice(11)).toEqual(Array(4).fill(turnedAway));
    await bench.advance(1_000);
    expect(await invoke(bench, 'fn', 2)).toEqual({});
  });

  it('is ten times the concurrency of the account for a function, and for all functions together', async () => {
    const bench = new LambdaBench({ settings: { accountConcurrency: 10 } });
    await bench.createFunction('fn');
    await bench.createFunction('other');
    const rounds = async (name: string, count: number): Promise<Record<string, number>> => {
      const total: Record<string, number> = {};
      for (let round = 0; round < count; round++) {
        for (const [reason, times] of Object.entries(await invoke(bench, name, 10))) {
          total[reason] = (total[reason] ?? 0) + times;
        }
        await bench.advance(1);
      }
      return total;
    };

    expect(await rounds('fn', 10)).toEqual({});
    expect(await rounds('fn', 1)).toEqual({ FunctionInvocationRateLimitExceeded: 9 });
    expect(await rounds('other', 1)).toEqual({ CallerRateLimitExceeded: 10 });
  });

  it('counts asynchronous events at their acceptance, not when they run and not those of AWS services', async () => {
    const bench = new LambdaBench({ settings: { accountConcurrency: 10 } });
    const arn = await bench.createFunction('fn');

    expect(await invoke(bench, 'fn', 150, { InvocationType: 'Event' })).toEqual({
      FunctionInvocationRateLimitExceeded: 50,
    });
    for (let index = 0; index < 200; index++) {
      expect(bench.service.deliver(arn, '{}', {})).toEqual({ ok: true });
    }
    await bench.advance(600_000);

    expect(new Set(bench.invocations.map(({ requestId }) => requestId)).size).toBe(300);
    expect(bench.service.pendingEventCount).toBe(0);
  });
});
