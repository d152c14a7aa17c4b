import { expect, test } from 'vitest';
import { measureLambda } from './lambda.ts';

test('Lambda can be measured, and nothing it counts is missing', { timeout: 60_000 }, async () => {
  const result = await measureLambda({
    syncInvokes: 50,
    asyncEvents: 50,
    messages: 50,
    records: 400,
    coldStarts: 2,
    environments: 3,
    bareRequests: 200,
  });
  expect(result.syncOneByOne.count).toBe(50);
  expect(result.asyncRunPerSecond).toBeGreaterThan(0);
  expect(result.fromQueue.batch1.perSecond).toBeGreaterThan(0);
  expect(result.fromQueue.batch10.perSecond).toBeGreaterThan(0);
  expect(result.coldStartMs).toBeGreaterThan(0);
});
