import type { Job } from '@holdfast/ledger';
import { expect, it } from 'vitest';
import { recordingLog } from '../testing/fake-aws.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { createRedriveRun } from './run-redrive.ts';

/** With which calls a run goes on that left its job so. */
const callsAfter = async (left: Partial<Job>): Promise<readonly unknown[]> => {
  const calls: unknown[] = [];
  const run = createRedriveRun({
    now: () => 0,
    log: recordingLog(),
    desk: { run: async (jobId) => ({ jobId, moved: 1, failed: 0, skipped: 0, cameBack: 0, ...left }) as Job },
    call: async (...called) => void calls.push(called),
    count: () => {},
  });
  await run(sqsBatch('{"jobId":"j"}'), batchContext);
  return calls;
};

it('goes on at once with a job that its time was too short for', async () => {
  expect(await callsAfter({ state: 'waiting' })).toEqual([['j']]);
});

it('comes back later to a job whose messages somebody has, and does not call itself all the while', async () => {
  expect(await callsAfter({ state: 'waiting', because: '1 more are in flight' })).toEqual([['j', 120]]);
});

it('looks again for one that another works on, once his lease is over, and is done with one that has ended', async () => {
  expect(await callsAfter({ state: 'running' })).toEqual([['j', 60]]);
  expect(await callsAfter({ state: 'completed' })).toEqual([]);
});
