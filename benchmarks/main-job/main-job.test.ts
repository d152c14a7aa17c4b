import { expect, it } from 'vitest';
import { measureMainJob } from './main-job.ts';

it('the main job can be measured, and nothing it counts is missing', async () => {
  const result = await measureMainJob({
    latencyRuns: 2,
    files: 4,
    asyncEvents: 50,
    queuedEvents: 200,
    bareRequests: 100,
    bareRows: 1_000,
  });
  expect(result.firstFileMs).toBeGreaterThan(0);
  expect(result.latencyMs.p99).toBeGreaterThanOrEqual(result.latencyMs.p50);
  expect(result.filesPerSecond).toBeGreaterThan(0);
  expect(result.asyncRunPerSecond).toBeGreaterThan(0);
  expect(result.queued.durable.diskBytesPerEvent).toBeGreaterThanOrEqual(0);
  expect(result.bareHttp.perSecond).toBeGreaterThan(result.asyncRunPerSecond);
});
