import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LocalEngine } from './index.ts';
import { archiveOf } from './testing/archive.ts';
import { callJson } from './testing/call-json.ts';

let local: LocalEngine;
beforeEach(async () => {
  local = await LocalEngine.start({ port: 0 });
});
afterEach(() => local.close());

const sqs = <Output>(action: string, input: object): Promise<Output> =>
  callJson<Output>(local.endpoint, '1.0', `AmazonSQS.${action}`, input);

/** An invocation that holds up a reset: the function has to be ended first. */
const invokeSlowly = async (): Promise<void> => {
  const { engine } = local;
  await engine.call(
    'lambda',
    'CreateFunction',
    {
      FunctionName: 'slow',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/slow',
      Code: {
        ZipFile: archiveOf({ 'index.js': 'exports.handler = () => new Promise((end) => setTimeout(end, 2_000));' }),
      },
    },
    local.context(),
  );
  await engine.call('lambda', 'Invoke', { FunctionName: 'slow', InvocationType: 'Event' }, local.context());
  await new Promise((resolve) => setTimeout(resolve, 300));
};

it('what arrives while a reset ends functions waits for the empty engine, and is no internal error', async () => {
  await invokeSlowly();
  await sqs('CreateQueue', { QueueName: 'before' });
  const reset = local.reset();
  const [created, health] = await Promise.all([
    sqs<{ QueueUrl: string }>('CreateQueue', { QueueName: 'after' }),
    fetch(`${local.endpoint}/_holdfast/health`),
  ]);
  await reset;
  expect([created.QueueUrl, health.status]).toEqual([`${local.endpoint}/000000000000/after`, 200]);
  expect(await sqs('ListQueues', {})).toEqual({ QueueUrls: [created.QueueUrl] });
});

it('resets at once come one after the other: none begins in the middle of another', async () => {
  await invokeSlowly();
  const order: string[] = [];
  const first = local.reset().then(() => order.push('first'));
  const second = local.reset().then(() => order.push('second'));
  await sqs('CreateQueue', { QueueName: 'meanwhile' });
  order.push('queue');
  await Promise.all([first, second]);
  expect(order.indexOf('first')).toBeLessThan(order.indexOf('second'));
  await sqs('CreateQueue', { QueueName: 'after' });
  expect(await sqs('ListQueues', {})).toMatchObject({
    QueueUrls: expect.arrayContaining([`${local.endpoint}/000000000000/after`]),
  });
});

it.each(['live', 'virtual'] as const)('in %s time a reset tells who waits that it will not come', async (mode) => {
  await local.setMode(mode);
  const { QueueUrl } = await sqs<{ QueueUrl: string }>('CreateQueue', { QueueName: 'empty' });
  local.fault({ service: 'sqs', action: 'ListQueues', delayMs: 60_000 });
  const calls = [sqs('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }), sqs('ListQueues', {})];
  const ends = Promise.allSettled(calls);
  await vi.waitFor(() => expect(local.waiting()).toHaveLength(2));
  await local.reset();
  for (const end of await ends) {
    expect(end).toMatchObject({ reason: { message: expect.stringContaining('The engine has ended') } });
  }
  expect(local.waiting()).toEqual([]);
});

it('an engine that is closed during a reset ends it first', async () => {
  await invokeSlowly();
  const reset = local.reset();
  await local.close();
  await reset;
  await expect(fetch(`${local.endpoint}/_holdfast/health`)).rejects.toThrow();
});
