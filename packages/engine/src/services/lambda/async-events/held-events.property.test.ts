import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Behaviour, LambdaBench } from '../lambda-bench.ts';

interface Planned {
  readonly to: 'flooded' | 'other';
  readonly atMs: number;
  readonly durationMs: number;
  /** How often it fails before it succeeds. */
  readonly failures: number;
  /** Somebody waits for the answer. */
  readonly isAwaited: boolean;
}

const planned: fc.Arbitrary<Planned> = fc.record({
  to: fc.constantFrom('flooded', 'flooded', 'flooded', 'other'),
  atMs: fc.constantFrom(0, 0, 0, 1, 20, 400),
  durationMs: fc.integer({ min: 1, max: 50 }),
  failures: fc.constantFrom(0, 0, 0, 0, 1, 2),
  isAwaited: fc.constantFrom(false, false, false, false, true),
});

describe('events of a function that runs as fast as the machine can', () => {
  it('wait in their queue without being throttled, and each runs as often as it would elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(planned, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 8 }),
        async (calls, places, crowd) => {
          const bench = new LambdaBench({
            machine: { places, crowd },
            settings: { accountConcurrency: 40 + 2 * crowd },
          });
          const failed = new Map<number, number>();
          const behaviour: Behaviour = ({ payload }) => {
            const { id } = JSON.parse(payload) as { id: number };
            const { durationMs, failures, isAwaited } = calls[id] as Planned;
            const times = failed.get(id) ?? 0;
            if (isAwaited || times === failures) return { durationMs };
            failed.set(id, times + 1);
            return { durationMs, error: { errorType: 'Error', errorMessage: 'not yet' } };
          };
          await bench.createFunction('flooded', behaviour);
          await bench.createFunction('other', behaviour);
          let awaited = 0;
          for (const atMs of new Set(calls.map((call) => call.atMs).sort((a, b) => a - b))) {
            await bench.advance(atMs);
            for (const [id, { to, isAwaited, ...call }] of calls.entries()) {
              // Who waits for an answer is throttled by the account's limit, as on AWS.
              if (call.atMs !== atMs || (isAwaited && awaited === 30)) continue;
              if (isAwaited) awaited += 1;
              const Payload = new TextEncoder().encode(JSON.stringify({ id }));
              const InvocationType = isAwaited ? 'RequestResponse' : 'Event';
              void bench.call('Invoke', { FunctionName: to, InvocationType, Payload });
            }
          }
          await bench.advance(600_000);

          const runs = Map.groupBy(bench.invocations, ({ payload }) => (JSON.parse(payload) as { id: number }).id);
          for (const [id, { isAwaited, failures }] of calls.entries()) {
            if (!isAwaited) expect([id, runs.get(id)?.length]).toEqual([id, failures + 1]);
          }
          expect(bench.total('Throttles')).toBe(0);
          expect(bench.service.pendingEventCount).toBe(0);
        },
      ),
    );
  });

  it('do not keep those of another function waiting', async () => {
    const bench = new LambdaBench({ machine: { places: 4, crowd: 2 } });
    await bench.createFunction('flooded', () => ({ durationMs: 1_000 }));
    await bench.createFunction('other');
    for (let n = 0; n < 100; n++) await bench.call('Invoke', { FunctionName: 'flooded', InvocationType: 'Event' });
    await bench.call('Invoke', { FunctionName: 'other', InvocationType: 'Event' });
    await bench.advance(0);
    const counts = Map.groupBy(bench.invocations, ({ spec }) => spec.functionName);
    expect([counts.get('flooded')?.length, counts.get('other')?.length]).toEqual([6, 1]);
    expect(bench.service.pendingEventCount).toBe(101);
  });

  it('run whatever was changed of their function while others waited', async () => {
    const bench = new LambdaBench({ machine: { places: 1, crowd: 1 } });
    await bench.createFunction('flooded', () => ({ durationMs: 1_000 }));
    const flood = async (): Promise<void> => {
      for (let n = 0; n < 3; n++) await bench.call('Invoke', { FunctionName: 'flooded', InvocationType: 'Event' });
      await bench.advance(0);
    };
    await flood();
    await bench.call('AddPermission', {
      FunctionName: 'flooded',
      StatementId: 'topic',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
    });
    await flood();
    await bench.call('UpdateFunctionConfiguration', { FunctionName: 'flooded', Timeout: 60 });
    await flood();
    await bench.advance(600_000);
    expect([bench.invocations.length, bench.service.pendingEventCount]).toEqual([9, 0]);
  });

  it('are forgotten with their function, and age while they wait', async () => {
    const bench = new LambdaBench({ machine: { places: 1, crowd: 1 } });
    for (const name of ['aged', 'deleted']) await bench.createFunction(name, () => ({ durationMs: 50_000 }));
    await bench.call('PutFunctionEventInvokeConfig', { FunctionName: 'aged', MaximumEventAgeInSeconds: 60 });
    for (let n = 0; n < 4; n++) await bench.call('Invoke', { FunctionName: 'aged', InvocationType: 'Event' });
    for (let n = 0; n < 4; n++) await bench.call('Invoke', { FunctionName: 'deleted', InvocationType: 'Event' });
    await bench.advance(0);
    await bench.call('DeleteFunction', { FunctionName: 'deleted' });
    await bench.advance(600_000);
    const counts = Map.groupBy(bench.invocations, ({ spec }) => spec.functionName);
    expect([counts.get('aged')?.length, counts.get('deleted')?.length]).toEqual([3, 1]);
    expect([bench.total('AsyncEventsDropped'), bench.service.pendingEventCount]).toEqual([1, 0]);
  });
});
