import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../fingerprints/fingerprint.ts';
import type { DescribedFailure } from './describe-letter.ts';
import type { FailureIndex } from './failure-index.ts';
import { MemoryGroupMarks } from './group-marks.ts';
import { LedgerDesk } from './ledger-desk.ts';

const DAY_MS = 86_400_000;
const BEGIN = Date.parse('2026-11-01T00:00:00Z');

const failureOf = (n: number, error: string, more: Partial<DescribedFailure> = {}): DescribedFailure => {
  const name = `function-${n % 7}`;
  const at = new Date(BEGIN + n * 1_000).toISOString();
  return {
    id: `dlq-${n % 3}/m${n}`,
    source: { kind: 'function', arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`, name },
    place: { kind: 'queue', arn: `arn:aws:sqs:us-east-1:000000000000:dlq-${n % 3}`, messageId: `m${n}` },
    condition: 'RetriesExhausted',
    about: `s3://bucket/uploads/${n}.csv`,
    error,
    attempts: 3,
    firstSeenAt: at,
    lastSeenAt: at,
    expiresAt: new Date(BEGIN + n * 1_000 + 14 * DAY_MS).toISOString(),
    body: JSON.stringify({ order: { id: n, vendor: `VEND${n % 100}` }, note: 'x'.repeat(100) }),
    attributes: {},
    fingerprint: fingerprintOf({ sourceName: name, condition: 'RetriesExhausted', error }),
    ...more,
  };
};

const deskOf = (fill: (index: FailureIndex) => void) => {
  const clock = { now: BEGIN + DAY_MS };
  const steps = [fill];
  const desk = new LedgerDesk({
    refresh: async (index) => {
      steps.shift()?.(index);
      return [];
    },
    marks: new MemoryGroupMarks(),
    now: () => clock.now,
    explain: async () => {
      throw new Error('nobody asks');
    },
  });
  return { desk, clock, next: (step: (index: FailureIndex) => void) => void steps.push(step) };
};

describe('the ledger', () => {
  it('finds by time, source, queue, fingerprint, text and a path in the body, page by page, with right totals', async () => {
    const errors = ['TypeError: x is undefined', 'timed out after 3 seconds', 'no vendor "A"'];
    const { desk } = deskOf((index) => {
      for (let n = 0; n < 1_000; n += 1) index.add(failureOf(n, errors[n % errors.length] ?? ''));
    });
    const count = async (query: object) => (await desk.totals(query)).failures;
    expect(await count({})).toBe(1_000);
    expect(await count({ from: '2026-11-01T00:10:00Z', until: '2026-11-01T00:11:00Z' })).toBe(60);
    expect(await count({ source: 'FUNCTION-3' })).toBe(143);
    expect(await count({ queueArn: 'arn:aws:sqs:us-east-1:000000000000:dlq-0' })).toBe(334);
    expect(await count({ text: 'TYPEERROR' })).toBe(334);
    expect(await count({ where: ['order.vendor=VEND7'] })).toBe(10);
    expect(await count({ where: ['order.vendor=VEND7', 'order.id=7'] })).toBe(1);
    const [group] = await desk.groups({ text: 'timed out' });
    expect(await count({ fingerprint: group?.fingerprint.key })).toBe(group?.failures);

    const ids: string[] = [];
    for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
      const page = await desk.page({ text: 'vendor "A"' }, 50, after);
      ids.push(...page.failures.map(({ id }) => id));
      after = page.next;
    }
    expect(ids).toHaveLength(333);
    expect(new Set(ids).size).toBe(333);
    expect((await desk.totals({})).groups).toBe(21);
    expect(await desk.find('m7')).toMatchObject({ id: 'dlq-1/m7', state: 'new' });
    await expect(desk.page({ from: 'soon' }, 10)).rejects.toThrow('from: "soon" must be a time');
    await expect(desk.page({}, 0)).rejects.toThrow('limit: 0 must be');
  });

  it('gives each failure once, page by page, also when others come and go meanwhile', async () => {
    const { desk, next } = deskOf((index) => {
      for (let n = 0; n < 100; n += 1) index.add(failureOf(n, 'a', { lastSeenAt: '2026-11-01T00:00:00Z' }));
    });
    const first = await desk.page({}, 40);
    next((index) => {
      for (let n = 60; n < 100; n += 1) index.delete(failureOf(n, 'a').id);
      index.add(failureOf(101, 'a'));
    });
    await desk.totals({});
    const rest = await desk.page({}, 1_000, first.next);
    const ids = [...first.failures, ...rest.failures].map(({ id }) => id);
    expect(new Set(ids).size).toBe(100);
    expect(ids).toHaveLength(100);
    await expect(desk.page({}, 10, 'x')).rejects.toThrow('after: "x" must be the "next" of a page');
  });

  it('leads a group from new over ongoing and resolved to regressed, and mutes none for ever', async () => {
    const { desk, clock, next } = deskOf((index) => index.add(failureOf(1, 'a')));
    const state = async () => (await desk.find('m1'))?.state;
    const key = (await desk.find('m1'))?.fingerprint.key ?? '';
    clock.now = BEGIN + 2_000;
    expect(await state()).toBe('new');
    clock.now += 2 * DAY_MS;
    expect(await state()).toBe('ongoing');

    await expect(desk.mute(key, { reason: 'noise' })).rejects.toThrow('no group is muted for ever');
    await expect(desk.mute(key, { reason: 'x', until: '2020-01-01T00:00:00Z' })).rejects.toThrow('a time to come');
    await desk.mute(key, { reason: 'known', untilFailures: 1 });
    expect(await state()).toBe('muted');
    const again = failureOf(8, 'a', { lastSeenAt: new Date(clock.now).toISOString() });
    next((index) => index.add(again));
    expect(await state()).toBe('ongoing');
    await desk.mute(key, { reason: 'later', until: new Date(clock.now + DAY_MS).toISOString() });
    expect(await state()).toBe('muted');
    clock.now += DAY_MS;
    expect(await state()).toBe('ongoing');
    await desk.unmute(key);

    await desk.resolve(key);
    expect(await state()).toBe('resolved');
    next((index) => index.add({ ...again, id: 'dlq-1/m15', lastSeenAt: new Date(clock.now + 1_000).toISOString() }));
    expect(await state()).toBe('regressed');
  });

  it('resolves a group when its last failure is gone, and knows it when it comes again', async () => {
    const { desk, clock, next } = deskOf((index) => index.add(failureOf(1, 'a')));
    await desk.totals({});
    next((index) => index.delete('dlq-1/m1'));
    expect(await desk.groups({})).toEqual([]);
    clock.now += 60_000;
    next((index) => index.add(failureOf(8, 'a', { lastSeenAt: new Date(clock.now).toISOString() })));
    expect(await desk.groups({})).toMatchObject([
      { failures: 1, state: 'regressed', firstSeenAt: '2026-11-01T00:00:01.000Z' },
    ]);
  });

  it('tells when failures came, by source, over the shortest span that holds all of them', async () => {
    const { desk, clock, next } = deskOf((index) => {
      for (let n = 0; n < 7; n += 1) {
        const lastSeenAt = new Date(BEGIN + n * 60_000).toISOString();
        index.add(failureOf(n, 'a', { lastSeenAt, source: { kind: 'queue', arn: `arn${n}`, name: `q${n}` } }));
      }
    });
    clock.now = BEGIN + 30 * 60_000;
    const { roomMs, series } = await desk.arrivals({});
    expect(roomMs).toBe(120_000);
    expect(series.map(({ name }) => name)).toEqual(['q0', 'q1', 'q2', 'q3', 'q4', '2 others']);
    expect(series.flatMap(({ counts }) => counts).reduce((sum, count) => sum + count, 0)).toBe(7);
    next((index) => index.delete('dlq-0/m0'));
    clock.now = BEGIN + 2 * 3_600_000;
    expect(await desk.arrivals({})).toMatchObject({ roomMs: 720_000 });
    expect((await desk.totals({})).bySource.map(({ source }) => source.name)).not.toContain('q0');
  });

  it('looks at no more failures than a page needs, and at none to count groups, sources and totals', async () => {
    let lookedAt = 0;
    const { desk } = deskOf((index) => {
      for (let n = 0; n < 2_000; n += 1) {
        const { error, ...failure } = failureOf(n, n % 2 === 0 ? 'even' : 'odd');
        const get = () => {
          lookedAt += 1;
          return error;
        };
        index.add(Object.defineProperty(failure as DescribedFailure, 'error', { get }));
      }
    });
    await desk.groups({});
    const { failures, groups } = await desk.totals({});
    expect({ failures, groups, lookedAt }).toEqual({ failures: 2_000, groups: 14, lookedAt: 0 });
    const page = await desk.page({ text: 'odd' }, 50);
    expect(page.failures).toHaveLength(50);
    expect(lookedAt).toBeLessThanOrEqual(100);
    await desk.page({ text: 'odd' }, 50, page.next);
    expect(lookedAt).toBeLessThanOrEqual(200);
  });

  it('answers who is impatient from what was read, says how far that is, and misses nothing for it', async () => {
    const read = Promise.withResolvers<void>();
    let patience = Promise.resolve();
    let looks = 0;
    const desk = new LedgerDesk({
      refresh: async (index, tell) => {
        looks += 1;
        if (looks > 1) return [];
        index.add(failureOf(1, 'a'));
        tell([{ arn: 'arn:aws:sqs:us-east-1:000000000000:dlq-1', read: 1, of: 2 }]);
        await read.promise;
        index.add(failureOf(4, 'a'));
        return [];
      },
      marks: new MemoryGroupMarks(),
      now: () => BEGIN + DAY_MS,
      explain: async () => {
        throw new Error('nobody asks');
      },
      patience: () => patience,
    });
    expect(await desk.totals({})).toMatchObject({ failures: 1, reading: [{ read: 1, of: 2 }] });
    expect(await desk.groups({})).toMatchObject([{ failures: 1, state: 'new' }]);
    const late = desk.find('m4');
    read.resolve();
    expect(await late).toMatchObject({ id: 'dlq-1/m4' });
    expect(looks).toBe(1);
    patience = new Promise(() => {});
    expect(await desk.find('nowhere')).toBeUndefined();
    expect(await desk.totals({})).not.toHaveProperty('reading');
  });

  it('tells who asks next of a look that failed when nobody waited for it any more', async () => {
    const reading = Promise.withResolvers<readonly string[]>();
    const desk = new LedgerDesk({
      refresh: () => reading.promise,
      marks: new MemoryGroupMarks(),
      now: () => BEGIN,
      explain: async () => {
        throw new Error('nobody asks');
      },
      patience: async () => {},
    });
    expect(await desk.totals({})).toMatchObject({ failures: 0, reading: [] });
    reading.reject(new Error('the engine went away'));
    await expect(desk.find('m1')).rejects.toThrow('the engine went away');
    await expect(desk.totals({})).rejects.toThrow('the engine went away');
  });
});
