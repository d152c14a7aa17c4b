import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { LogReasons } from '../log-reasons.ts';
import { FailureIndex } from './failure-index.ts';
import { PlacesRefresh } from './refresh.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:orders-dlq';
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: ARN, maxReceiveCount: 1 });

/** An AWS in which everything but this is forbidden. */
const ALLOWED: Readonly<Record<string, (input: { QueueUrl?: string }) => object>> = {
  ListQueues: () => ({ QueueUrls: ['http://sqs/000000000000/orders', 'http://sqs/000000000000/orders-dlq'] }),
  GetQueueAttributes: ({ QueueUrl = '' }) => ({
    Attributes: {
      QueueArn: QueueUrl.endsWith('-dlq') ? ARN : 'arn:aws:sqs:us-east-1:000000000000:orders',
      ApproximateNumberOfMessages: '1',
      ...(QueueUrl.endsWith('-dlq') ? {} : { RedrivePolicy }),
    },
  }),
  ReceiveMessage: () => {
    const DeadLetterQueueSourceArn = 'arn:aws:sqs:us-east-1:000000000000:orders';
    const Attributes = { DeadLetterQueueSourceArn, SentTimestamp: '0' };
    return {
      Messages: [
        { MessageId: 'm1', ReceiptHandle: 'r', Body: '{}', MD5OfBody: '99914b932bd37a50b983c5e7c90ae93b', Attributes },
      ],
    };
  },
  ChangeMessageVisibilityBatch: () => ({ Successful: [], Failed: [] }),
};

const refreshWith = async (...forbidden: string[]) => {
  const server = createServer(async (request, response) => {
    const [, action = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const answer = forbidden.includes(action) ? undefined : ALLOWED[action];
    const body = await new Response(request as never).text();
    response.writeHead(answer === undefined ? 403 : 200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(answer?.(JSON.parse(body)) ?? { __type: 'AccessDeniedException', message: action }));
  }).listen(0);
  onTestFinished(() => void server.close());
  const target = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'reader', secretAccessKey: 'x' },
  };
  const index = new FailureIndex();
  const { refresh } = new PlacesRefresh({
    target,
    isEngine: false,
    reasons: new LogReasons(target),
    rules: [],
    now: () => 0,
    monotonicMs: () => 0,
  });
  return { index, first: await refresh(index, () => {}), again: await refresh(index, () => {}) };
};

it('finds what a role may read, and names what it may not', async () => {
  const { index, first } = await refreshWith();
  expect([...index.ids()]).toEqual(['orders-dlq/m1']);
  expect(first.map((text) => text.split(' (')[0])).toEqual(expect.arrayContaining(['Lambda', 'S3', 'Step Functions']));
});

it('names a queue that may be seen and not read, as long as nobody has looked again', async () => {
  const { index, first, again } = await refreshWith('ReceiveMessage');
  expect(index.size).toBe(0);
  expect(first).toContainEqual(expect.stringContaining(`${ARN} (AccessDenied`));
  expect(again).toEqual(first);
});
