import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldBench, type Seen } from './held-bench.ts';
import { START } from './test-runtime.ts';

describe('invocations that are held before their code', () => {
  it('one that is not delayed goes on at once, as it came', () => {
    const bench = new HeldBench();
    const { handedOver } = bench.invoke({ delayMs: 0 });
    expect(handedOver).toEqual([{ at: START, heldMs: undefined }]);
    expect(bench.held.nextWakeAt()).toBeUndefined();
  });

  it('goes on when the delay is over, and says when it began and how long it was held', async () => {
    const bench = new HeldBench();
    const seen = bench.invoke({ delayMs: 4_000 });
    await bench.advance(3_999);
    expect([seen.handedOver, seen.starts, seen.overs, bench.held.nextWakeAt()]).toEqual([[], [], 0, START + 4_000]);
    await bench.advance(1_001);
    expect(seen).toMatchObject({
      handedOver: [{ at: START + 4_000, heldMs: 4_000 }],
      starts: [START],
      ends: [{ kind: 'success', durationMs: 5_000 }],
      overs: 1,
    });
  });

  it.each([10_000, 10_001, 900_000])(
    'ends at its time limit when it is held for %i ms, and nobody runs it',
    async (delayMs) => {
      const bench = new HeldBench();
      const seen = bench.invoke({ delayMs });
      expect(seen.starts).toEqual([START]);
      await bench.advance(20_000);
      expect(seen).toMatchObject({
        handedOver: [],
        starts: [START],
        ends: [{ kind: 'timeout', durationMs: 10_000, at: START + 10_000 }],
        overs: 1,
      });
    },
  );

  it('says what is held and until when', () => {
    const bench = new HeldBench();
    bench.invoke({ delayMs: 4_000 });
    bench.invoke({ delayMs: 40_000 });
    const place = { functionName: 'fn', accessKeyId: undefined, timeLimitAt: START + 10_000, isDelayed: true };
    expect(bench.held.resting()).toEqual([
      { ...place, requestId: 'request-1', sleepsUntil: START + 4_000 },
      { ...place, requestId: 'request-2', sleepsUntil: START + 10_000 },
    ]);
  });

  it('a time limit that has come before a late delay counts: nobody runs what has no time left', () => {
    const bench = new HeldBench();
    const seen = bench.invoke({ delayMs: 9_990 });
    // As on a machine that is too busy to wake in time.
    bench.time.set(START + 10_005);
    bench.held.wake(START + 10_005);
    expect(seen).toMatchObject({ handedOver: [], starts: [START], ends: [{ kind: 'timeout' }], overs: 1 });
  });

  it('whatever comes, goes on or ends, each is run once, or timed out once, or told of the end', async () => {
    const invoke = fc.record({
      delayMs: fc.integer({ min: 0, max: 6_000 }),
      timeoutSeconds: fc.integer({ min: 1, max: 5 }),
      isAwaited: fc.boolean(),
    });
    const step = fc.oneof(
      { weight: 5, arbitrary: invoke },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 4_000 }) },
      { weight: 1, arbitrary: fc.constantFrom('mode' as const, 'close' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const bench = new HeldBench();
        for (const one of steps) {
          if (typeof one === 'number') await bench.advance(one);
          else if (one === 'mode') {
            // Time goes on from where it is; what is held stays held.
            bench.time.setMode('live');
            bench.time.setMode('virtual');
          } else if (one !== 'close') bench.invoke(one);
          else bench.close();
          expect(bench.held.resting()).toHaveLength(bench.seen.filter(isHeld).length);
        }
        await bench.advance(20_000);
        expect(bench.held.resting()).toEqual([]);
        expect(bench.held.nextWakeAt()).toBeUndefined();
        for (const seen of bench.seen)
          expect(seen, 'what became of it').toMatchObject(expectedOf(seen, bench.closedAt));
      }),
    );
  });
});

const isHeld = ({ handedOver, ends, delayMs, overs }: Seen): boolean =>
  delayMs > 0 && overs === 0 && handedOver.length === 0 && ends.length === 0;

/** What becomes of one, by itself. */
const expectedOf = ({ begunAt, delayMs, limitMs, isAwaited, isLate }: Seen, closedAt: number | undefined): object => {
  const isUndelayed = delayMs === 0 || isLate;
  const heldMs = isUndelayed ? 0 : Math.min(delayMs, limitMs);
  const overAt = begunAt + heldMs;
  const overs = isUndelayed ? 0 : 1;
  if (!isUndelayed && closedAt !== undefined && overAt > closedAt) {
    return { handedOver: [], overs, ends: isAwaited ? [{ kind: 'exit', at: closedAt }] : [] };
  }
  if (!isUndelayed && delayMs >= limitMs) {
    const ends = [{ kind: 'timeout', durationMs: limitMs, at: overAt }];
    return { handedOver: [], starts: [begunAt], ends, overs };
  }
  const handedOver = [{ at: overAt, heldMs: isUndelayed ? undefined : heldMs }];
  return { handedOver, starts: [begunAt], ends: [{ kind: 'success', durationMs: heldMs + 1_000 }], overs };
};
