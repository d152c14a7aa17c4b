import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { startTestEngine } from './index.ts';

it('a call that waits for time fails within a second and names the advance, unless the test wants it to wait', async () => {
  const startAt = new Date('2026-11-28T00:00:00Z');
  await using aws = await startTestEngine({ startAt });
  const poll = async (engine: typeof aws): Promise<unknown> => {
    const { QueueUrl } = await engine.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'orders' }));
    const answer = await engine.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    return answer.Messages;
  };
  await expect(poll(aws)).rejects.toMatchObject({
    name: 'ClockStandsStill',
    message: expect.stringContaining("advance('PT20S')"),
  });

  await using patient = await startTestEngine({ startAt, standingClock: 'tell' });
  const polled = poll(patient);
  await expect.poll(() => patient.local.waiting()).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await patient.advance('PT20S');
  expect(await polled).toBeUndefined();
});
