import { expect, it } from 'vitest';
import { FailedReceives } from './failed-receives.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:q';

it('tells with which messages consumers failed, what the last run failed with, and goes on where it was', () => {
  const failed = new FailedReceives(0);
  failed.note(ARN, { messageIds: ['a', 'b'], requestId: 'r1', error: '{"errorType":"E"}' }, 1);
  failed.note(ARN, { messageIds: ['a'], requestId: 'r2' }, 2);
  failed.note(`${ARN}2`, { messageIds: ['c'], requestId: 'r3' }, 3);

  const first = failed.of(ARN, 0, 10);
  expect(first).toEqual({
    receives: [
      { messageId: 'b', at: 1, requestIds: ['r1'], error: '{"errorType":"E"}' },
      { messageId: 'a', at: 2, requestIds: ['r1', 'r2'] },
    ],
    last: 3,
  });
  failed.note(ARN, { messageIds: ['b'], requestId: 'r4' }, 4);
  expect(failed.of(ARN, first.last, 10)).toEqual({
    receives: [{ messageId: 'b', at: 4, requestIds: ['r1', 'r4'] }],
    last: 5,
  });
});

it('holds so many messages and no more, the youngest', () => {
  const failed = new FailedReceives(0);
  const messageIds = Array.from({ length: 100_010 }, (_, index) => `m${index}`);
  failed.note(ARN, { messageIds, requestId: 'r' }, 1);
  const { receives } = failed.of(ARN, 0, 200_000);
  expect(receives).toHaveLength(100_000);
  expect(receives[0]?.messageId).toBe('m10');
});
