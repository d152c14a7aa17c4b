import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Reasons } from '../reasons/reasons.ts';
import { FailureIndex } from './failure-index.ts';
import { PlacesRefresh } from './refresh.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000:orders-dlq';
const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: ARN, maxReceiveCount: 1 });

const SOURCE = 'arn:aws:sqs:us-east-1:000000000000:orders';
const IDS = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const line = (text: string, ids: readonly string[]) => ({ message: `${text}: ${ids.join(' ')}` });

/** What lies in the dead-letter queue, and what somebody else has of it. */
let there: readonly string[] = IDS;
let inFlight = 0;

/** An AWS in which everything but this is forbidden. */
const ALLOWED: Readonly<Record<string, (input: { QueueUrl?: string }) => object>> = {
  ListQueues: () => ({ QueueUrls: ['http://sqs/000000000000/orders', 'http://sqs/000000000000/orders-dlq'] }),
  GetQueueAttributes: ({ QueueUrl = '' }) => ({
    Attributes: {
      QueueArn: QueueUrl.endsWith('-dlq') ? ARN : SOURCE,
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ...(QueueUrl.endsWith('-dlq') ? {} : { RedrivePolicy }),
    },
  }),
  ReceiveMessage: () => {
    const Attributes = { DeadLetterQueueSourceArn: SOURCE, SentTimestamp: '0' };
    const letter = { ReceiptHandle: 'r', Body: '{}', MD5OfBody: '99914b932bd37a50b983c5e7c90ae93b', Attributes };
    return { Messages: there.map((MessageId) => ({ ...letter, MessageId })) };
  },
  'event-source-mappings': () => ({
    EventSourceMappings: [{ FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:book' }],
  }),
  FilterLogEvents: () => ({
    events: [line('Error: no price', IDS.slice(0, 2)), line('Error: no vendor', IDS.slice(0, 1)), line('ok', IDS)],
  }),
  ChangeMessageVisibilityBatch: () => ({ Successful: [], Failed: [] }),
};

const refreshWith = async (...forbidden: string[]) => {
  let nowMs = 0;
  there = IDS;
  inFlight = 0;
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const path = /^\/2015-03-31\/([a-z-]+)/.exec(request.url ?? '')?.[1];
    const [, action = path ?? ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const answer = forbidden.includes(action) ? undefined : ALLOWED[action];
    asked.push(action);
    const body = (await new Response(request as never).text()) || '{}';
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
    reasons: new Reasons(target, false),
    rules: [],
    now: () => 0,
    monotonicMs: () => nowMs,
  });
  const first = await refresh(index, () => {});
  const again = await refresh(index, () => {});
  /** A minute after the last look, with something else forbidden. */
  const later = (...now: string[]) => {
    forbidden.splice(0, forbidden.length, ...now);
    nowMs += 60_000;
    return refresh(index, () => {});
  };
  return { index, asked, first, again, later };
};

it('finds what a role may read, and names what it may not', async () => {
  const { index, first } = await refreshWith();
  expect([...index.ids()]).toEqual(IDS.map((id) => `orders-dlq/${id}`));
  expect(first.map((text) => text.split(' (')[0])).toEqual(expect.arrayContaining(['Lambda', 'S3', 'Step Functions']));
});

it('names a queue that may be seen and not read, as long as nobody has looked again', async () => {
  const { index, first, again } = await refreshWith('ReceiveMessage');
  expect(index.size).toBe(0);
  expect(first).toContainEqual(expect.stringContaining(`${ARN} (AccessDenied`));
  expect(again).toEqual(first);
});

it('reads the log of who reads a queue once for all of its dead letters, and takes the last error that names each', async () => {
  const { index, asked } = await refreshWith();
  expect([...index.ids()].map((id) => index.get(id)?.failure.error)).toEqual([
    expect.stringMatching(/^Error: no vendor/),
    expect.stringMatching(/^Error: no price/),
    'see holdfast logs book',
  ]);
  expect(asked.filter((action) => action === 'FilterLogEvents')).toHaveLength(1);
});

it.each([
  ['the log', 'FilterLogEvents', 'see holdfast logs book'],
  ['who reads the queue', 'event-source-mappings', ''],
])('lists failures also for a role that may not see %s', async (_, action, error) => {
  const { index } = await refreshWith(action);
  expect([...index.ids()].map((id) => index.get(id)?.failure.error)).toEqual(IDS.map(() => error));
});

it('forgets no failure because somebody does not answer for once', async () => {
  const { index, later } = await refreshWith();
  expect(await later('ListQueues')).toContainEqual(expect.stringContaining('SQS (AccessDenied'));
  expect(index.size).toBe(3);
  await later();
  expect(index.size).toBe(3);
});

it('knows what left a queue on AWS, where nothing shows it but that it is received no more', async () => {
  const { index, later } = await refreshWith();
  const ids = () => [...index.ids()].map((id) => id.slice(id.indexOf('/') + 1)).sort();
  there = IDS.slice(0, 1);
  inFlight = 2;
  await later();
  // Somebody has two in his hands: they may come back.
  expect(ids()).toEqual(IDS);
  inFlight = 0;
  await later();
  expect(ids()).toEqual(IDS.slice(0, 1));
  there = [];
  await later();
  expect(ids()).toEqual([]);
});
