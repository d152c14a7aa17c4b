import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { expect, it } from 'vitest';
import { FunctionErrors } from './function-errors.ts';

const RUN = '7ead8970-25cb-4f16-b4e6-0481755e1232';
const MESSAGES = ['aaaaaaaa-25cb-4f16-b4e6-0481755e1232', 'bbbbbbbb-25cb-4f16-b4e6-0481755e1232'] as const;

/** A log whose answer takes a while. */
const slowLog = (): CloudWatchLogsClient => {
  const logs = new CloudWatchLogsClient({ region: 'us-east-1' });
  logs.send = (async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const message = (id: string) => `2026-01-01T00:00:00.000Z\t${RUN}\tERROR\tmessage ${id} failed: Error: away`;
    return { events: MESSAGES.map((id, at) => ({ message: message(id), timestamp: 1_000 + at })) };
  }) as never;
  return logs;
};

it('tells all who ask at once what the log says, not only the first', async () => {
  const errors = new FunctionErrors(slowLog(), 'worker', () => 0);

  const told = await Promise.all(MESSAGES.map((id) => errors.of(id, 1_000)));

  expect(told.map((reason) => reason?.error)).toEqual(MESSAGES.map((id) => `message ${id} failed: Error: away`));
});
