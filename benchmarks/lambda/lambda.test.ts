import { expect, it } from 'vitest';
import { BARE_THREAD, besideKinds, besideText, measureBeside } from './beside.ts';
import { measureLambda } from './lambda.ts';

it('Lambda can be measured, and nothing it counts is missing', async () => {
  const result = await measureLambda({
    syncInvokes: 50,
    asyncEvents: 50,
    messages: 50,
    records: 400,
    coldStarts: 2,
    environments: 3,
    bareRequests: 200,
  });
  expect(result.syncOneByOne.requests).toBe(50);
  expect(result.asyncRunPerSecond).toBeGreaterThan(0);
  expect(result.fromQueue.batch1.perSecond).toBeGreaterThan(0);
  expect(result.fromQueue.batch10.perSecond).toBeGreaterThan(0);
  expect(result.coldStartMs).toBeGreaterThan(0);
});

it('Lambda can be measured beside others with nothing but the API', async () => {
  const plan = { rounds: 1, warmUp: 0, stretchMs: 50, graceMs: 5_000, messages: 50, drainMs: 10_000 };
  const rows = await measureBeside(besideKinds({}), plan, () => {});

  expect(rows.map(({ name }) => name)).toEqual([
    'synchronous, 1 connection',
    'synchronous, 16 connections',
    'asynchronous, sent and run',
    'SQS → Lambda, batches of 1',
    'SQS → Lambda, batches of 10',
  ]);
  for (const { cells } of rows) {
    for (const cell of cells.values()) {
      expect(cell).toMatchObject({ perSecond: expect.toSatisfy((rate: number) => rate > 0) });
    }
  }
  expect(rows[0]?.cells.has(BARE_THREAD)).toBe(true);
  expect(besideText(rows)).not.toContain('failed');
});
