import { expect, it } from 'vitest';
import { FakeClient } from '../testing/fake-aws.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { replayMessages } from './replay-messages.ts';

it('makes a handler that sends messages again, as often as it was told', async () => {
  const sqs = new FakeClient({ SendMessage: () => ({ MessageId: 'new' }) });
  const replay = replayMessages({ sqs: sqs.client, queueUrl: 'https://sqs/1/orders', maxAttempts: 1 });
  expect(await replay(sqsBatch('order'), batchContext)).toEqual({ batchItemFailures: [] });
  const [sent] = sqs.inputsOf('SendMessage');
  expect(sent).toMatchObject({ QueueUrl: 'https://sqs/1/orders', MessageBody: 'order' });
  expect([1, 2]).toContain(sent?.['DelaySeconds']);
  const event = sqsBatch('order');
  for (const record of event.Records) {
    record.messageAttributes = { holdfast: { dataType: 'String', stringValue: '{"replays":1,"firstSentAt":7}' } };
  }
  expect(await replay(event, batchContext)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
});

it('refuses more attempts than Lambda lets go round', () => {
  const { client: sqs } = new FakeClient({});
  expect(() => replayMessages({ sqs, queueUrl: 'q', maxAttempts: 16 })).toThrow(/^maxAttempts: 16 must be a whole/);
});
