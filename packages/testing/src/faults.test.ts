import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { expect, it } from 'vitest';
import { type SqsEvent, startTestEngine, type TestEngine } from './index.ts';
import { ORDERS } from './orders-bench.ts';

const startAt = new Date('2026-11-28T00:00:00Z');

const start = async (bind: Record<string, (event: SqsEvent) => unknown>): Promise<[TestEngine, string]> => {
  const aws = await startTestEngine({ bind, startAt });
  const { outputs } = await aws.deployTemplate('Orders', ORDERS);
  return [aws, outputs['Queue'] ?? ''];
};

const send = (aws: TestEngine, QueueUrl: string, MessageBody = 'order 4711') =>
  aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody }));

it('a consumer that is killed after its work gets the event again, and what it did stays done', async () => {
  const booked: string[] = [];
  const [aws, queue] = await start({ Booking: ({ Records }) => void booked.push(...Records.map(({ body }) => body)) });
  await using _ = aws;
  aws.spy('Booking').killFirst(1);
  await send(aws, queue);
  await aws.advance({ minutes: 5 });
  expect(booked).toEqual(['order 4711', 'order 4711']);
  expect(aws.record('order 4711').timeline()).toContain('attempt 1 failed: Runtime.ExitError: RequestId: ');
  expect(aws.record('order 4711').successes()).toBe(1);
});

it('a duplicate is delivered to the handler once more', async () => {
  const [aws, queue] = await start({ Booking: () => {} });
  await using _ = aws;
  aws.spy('Booking').deliverTwice();
  await send(aws, queue);
  await aws.advance({ minutes: 5 });
  expect(aws.record('order 4711').successes()).toBe(2);
});

it("a handler takes its time in the engine's, and is cut off at its limit", async () => {
  const [aws, queue] = await start({ Booking: () => {} });
  await using _ = aws;
  const booking = aws.spy('Booking').takes('PT7S');
  await send(aws, queue);
  const began = aws.now().getTime();
  await aws.until(() => booking.calls.length === 2, { within: 'PT1M' });
  expect(aws.now().getTime() - began).toBeGreaterThanOrEqual(30_000);
  booking.recover();
  await aws.advance({ minutes: 1 });
  expect(aws.record('order 4711').successes()).toBe(1);
});

it("a service throttles in its own words, and is slow in the engine's time", async () => {
  const [aws, queue] = await start({ Booking: () => {} });
  await using _ = aws;
  const throttle = aws.throttle('sqs', { action: 'SendMessage', first: 1 });
  await expect(send(aws, queue)).rejects.toMatchObject({ name: 'RequestThrottled' });
  await send(aws, queue);
  expect(throttle.count).toBe(1);
  const slow = aws.slow('sqs', 'PT30S', { action: 'SendMessage' });
  const sent = send(aws, queue, 'late');
  await expect.poll(() => aws.local.waiting()).toHaveLength(1);
  await aws.advance('PT30S');
  await sent;
  slow.recover();
  expect(() => aws.throttle('sqss')).toThrow(/service: "sqss" must be one of .*sqs/);
});

it('a function is delayed before its handler, and beyond its limit the handler is never called', async () => {
  const [aws, queue] = await start({ Booking: () => {} });
  await using _ = aws;
  const delay = aws.delay('Booking', 'PT7S', { first: 2 });
  await send(aws, queue);
  await aws.advance('PT1S');
  expect([delay.count, delay.holding, aws.spy('Booking').calls]).toEqual([1, 1, []]);
  await aws.advance({ minutes: 5 });
  // The queue shows a message again when its visibility timeout is over: what timed out was not done.
  expect(delay).toMatchObject({ count: 2, holding: 0 });
  expect(aws.spy('Booking').calls).toHaveLength(1);
  expect(aws.record('order 4711').successes()).toBe(1);
  expect(() => aws.delay('Bookings', 'PT7S')).toThrow(/^function: "Bookings" is no function that is here; there are /);
});

it('the timeline of a record tells each attempt, and where it was put aside', async () => {
  const [aws, queue] = await start({ Booking: () => Promise.reject(new Error('no stock')) });
  await using _ = aws;
  const order = aws.record('order 4711');
  expect(order.timeline()).toContain('bound: Booking (never called)');
  await send(aws, queue);
  expect(order.timeline()).toMatch(
    /"order 4711" \(.*\)\n .*queue orders +lies here, (visible|in flight).*\n\nno bound handler was called; bound: Booking/,
  );
  await aws.advance({ minutes: 10 });
  const [head, ...lines] = order.timeline().split('\n');
  expect(head).toMatch(/^"order 4711" \([0-9a-f-]{36}\)$/);
  expect(lines.map((line) => line.replace(/^ {2}[\d-]+ [\d:.]+/, '').replace(/ +/g, ' '))).toEqual([
    ' Booking attempt 1 failed: Error: no stock',
    ' +30s Booking attempt 2 failed: Error: no stock',
    ' +1m Booking attempt 3 failed: Error: no stock',
    ' +1m30s queue orders-failed put aside: MaxReceiveCount after 3 receives, Error: no stock',
  ]);
});

it('what no queue holds is seen in what the services counted', async () => {
  const [aws] = await start({ Booking: () => Promise.reject(new Error('no stock')) });
  await using _ = aws;
  const lambda = aws.client(LambdaClient);
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
  const FunctionName = Functions[0]?.FunctionName;
  expect(aws.losses()).toEqual([]);
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: '{}' }));
  await aws.advance({ days: 20 });
  expect(await aws.failures()).toEqual([]);
  expect(aws.losses()).toEqual([
    { namespace: 'AWS/Lambda', metric: 'AsyncEventsDropped', resource: FunctionName, count: 1 },
  ]);
});

it('a loss is seen however many things count', async () => {
  await using aws = await startTestEngine({ startAt });
  const { engine } = aws.local;
  const sns = <Answer>(action: string, input: object): Answer =>
    engine.call('sns', action, input, aws.local.context()) as Answer;
  const lost = 'arn:aws:lambda:us-east-1:000000000000:function:gone';
  for (let number = 1_000; number <= 1_500; number += 1) {
    const { TopicArn } = sns<{ TopicArn: string }>('CreateTopic', { Name: `topic-${number}` });
    if (number === 1_500) sns('Subscribe', { TopicArn, Protocol: 'lambda', Endpoint: lost });
    sns('Publish', { TopicArn, Message: 'order 4711' });
  }
  await aws.advance({ days: 1 });
  expect(aws.losses()).toEqual([
    { namespace: 'AWS/SNS', metric: 'NumberOfNotificationsFailed', resource: 'topic-1500', count: 1 },
  ]);
});

it('a CDK app is deployed as it is, and of Terraform the plan is asked for', async () => {
  await using aws = await startTestEngine({ startAt });
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-deploy-'));
  try {
    const app = new App({ outdir: join(directory, 'cdk.out') });
    const stack = new Stack(app, 'Orders');
    new CfnOutput(stack, 'Url', {
      value: new Queue(stack, 'Queue', { visibilityTimeout: Duration.seconds(7) }).queueUrl,
    });
    const [{ outputs } = { outputs: {} as Record<string, string> }] = await aws.deploy(app);
    const QueueUrl = outputs['Url'];
    expect((await aws.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined();

    for (const source of ['shop.tfplan', 'main.tf'].map((name) => join(directory, name))) {
      writeFileSync(source, '');
      await expect(aws.deploy(source)).rejects.toThrow(/of Terraform: deploy what .*terraform show -json/);
    }
    await expect(aws.deploy(directory)).rejects.toThrow('of Terraform: deploy what');
    await expect(aws.deploy('tempate.yaml')).rejects.toThrow(
      'source: "tempate.yaml" is neither a file nor a directory in /',
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
