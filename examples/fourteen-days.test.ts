import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import { expect, it } from 'vitest';

it('an order that nobody can book is tried twice a day, and after thirteen days it is in the dead-letter queue', async () => {
  const engine = await LocalEngine.start({ port: 0, clock: 'virtual' }); // in memory, on any free port
  const client = {
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  };
  const sqs = new SQSClient(client);
  const lambda = new LambdaClient(client);

  const code = mkdtempSync(join(tmpdir(), 'booking-'));
  writeFileSync(join(code, 'index.js'), `exports.handler = async () => { throw new Error('no stock'); };`);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'booking',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/booking',
      Code: { S3Bucket: 'hot-reload', S3Key: code }, // a directory instead of an archive; Holdfast's own
    }),
  );
  const queue = async (QueueName: string, Attributes: Record<string, string>) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
  const failed = await queue('orders-failed', { MessageRetentionPeriod: '1209600' });
  const orders = await queue('orders', {
    MessageRetentionPeriod: '1209600',
    VisibilityTimeout: '43200',
    RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:orders-failed","maxReceiveCount":26}',
  });
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:orders';
  await lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'booking', EventSourceArn }));
  await sqs.send(new SendMessageCommand({ QueueUrl: orders, MessageBody: 'order 4711' }));

  await engine.advance(14 * 24 * 60 * 60 * 1_000 - 1); // 26 runs of the real code, each a cold start: a second or two
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: failed }));
  expect(Messages?.[0]?.Body).toBe('order 4711');
  await engine.close();
  rmSync(code, { recursive: true });
});
