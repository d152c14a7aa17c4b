import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { seededRandom } from '@holdfast/kernel';
import { createOperations, DynamoDbJobStore, LeaseLostError, readAudit } from '@holdfast/ledger';
import { LocalEngine } from '@holdfast/local';
import { expect, it } from 'vitest';
import { ANY_CREDENTIALS } from '../target.ts';

const COUNT = 200;

/** A process that works at the jobs of a table: each Lambda invocation is one. */
const processOf = (endpoint: string, name: string, clock: { now: number }) => {
  const target = { endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  let ids = 0;
  const jobs = new DynamoDbJobStore(target, 'redrive', () => `${name}-${++ids}`);
  const operations = createOperations({
    target,
    isEngine: true,
    jobs,
    time: {
      now: () => clock.now,
      wait: async (ms) => {
        clock.now += ms;
      },
    },
    random: seededRandom(1),
    newId: () => `job-of-${name}-${++ids}`,
  });
  return { jobs, redrive: operations.redrive };
};

it('works on a job in slices from process to process, and lets nobody write whose lease was taken over', async () => {
  await using engine = await LocalEngine.start({ port: 0 });
  const { endpoint } = engine;
  const target = { endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  await new DynamoDBClient(target).send(
    new CreateTableCommand({
      TableName: 'redrive',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  const sqs = new SQSClient(target);
  const { QueueUrl: dlq = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders-dlq' }));
  const { QueueUrl: orders = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  for (let start = 0; start < COUNT; start += 10) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `${index}`, MessageBody: `${start + index}` }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: dlq, Entries }));
  }
  const clock = { now: Date.now() };
  const first = processOf(endpoint, 'first', clock);
  const { jobId } = await first.redrive.start({ from: arnOf('orders-dlq'), to: arnOf('orders'), perSecond: 100 }, 'me');

  const { state, moved } = await first.redrive.run(jobId, { untilMs: clock.now + 600 });
  expect(state).toBe('waiting');
  expect(moved).toBeGreaterThan(20);

  // One that was taken for dead finds out when it writes its next step, before it sends.
  const dead = await first.jobs.lease(jobId, clock.now);
  const second = processOf(endpoint, 'second', clock);
  expect(await second.jobs.lease(jobId, clock.now)).toBeUndefined();
  clock.now += 120_000;
  const pausing = second.redrive.run(jobId, {
    progress: (job) => {
      if (job.moved === 120) void first.redrive.pause(jobId);
    },
  });
  await expect(pausing).resolves.toMatchObject({ state: 'paused' });
  await expect(dead?.append({ step: 'sending', at: new Date(clock.now).toISOString() })).rejects.toThrow(
    LeaseLostError,
  );

  expect(await first.redrive.resume(jobId)).toMatchObject({ state: 'waiting' });
  expect(await processOf(endpoint, 'third', clock).redrive.run(jobId)).toMatchObject({
    state: 'completed',
    moved: COUNT,
    failed: 0,
    possibleDuplicates: [],
  });
  const depth = async (QueueUrl: string) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes?.[
      'ApproximateNumberOfMessages'
    ];
  expect([await depth(dlq), await depth(orders)]).toEqual(['0', String(COUNT)]);
  const audit = readAudit(await second.jobs.audit(jobId));
  expect(audit.fault).toBeUndefined();
  expect(audit.entries.filter(({ step }) => step === 'deleted')).toHaveLength(COUNT);
  expect(await first.redrive.list()).toMatchObject([{ jobId, state: 'completed' }]);

  const [undo] = await first.redrive.undo(jobId, 'me');
  expect(undo).toMatchObject({ undoOf: jobId, planned: COUNT });
  expect(await first.redrive.run(undo?.jobId ?? '')).toMatchObject({ state: 'completed', moved: COUNT });
  expect([await depth(dlq), await depth(orders)]).toEqual([String(COUNT), '0']);
});
