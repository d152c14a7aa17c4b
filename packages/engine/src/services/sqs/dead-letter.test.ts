import { describe, expect, it } from 'vitest';
import { SqsUnderTest } from './queue-bench.ts';

const NOW = { VisibilityTimeout: 0 };
const ALL = { MessageSystemAttributeNames: ['All'] };

describe('dead-lettering', () => {
  it.each([1, 2, 5])(
    'with maxReceiveCount %i exactly so many receives return the message, the next moves it',
    async (n) => {
      const sqs = new SqsUnderTest();
      const dlq = await sqs.createWithDeadLetterQueue('q', n);
      const { MessageId } = await sqs.send('q', 'poison');
      for (let receive = 0; receive < n; receive++) expect(await sqs.receive('q', NOW)).toHaveLength(1);
      expect(await sqs.counts(dlq)).toEqual([0, 0, 0]);
      expect(await sqs.receive('q', NOW)).toEqual([]);
      const [dead] = await sqs.receive(dlq, ALL);
      expect(dead?.MessageId).toBe(MessageId);
      expect(dead?.Attributes).toMatchObject({
        ApproximateReceiveCount: String(n + 1),
        DeadLetterQueueSourceArn: SqsUnderTest.arn('q'),
      });
    },
  );

  it('the end of the last visibility timeout moves nothing: a queue nobody polls never dead-letters', async () => {
    const sqs = new SqsUnderTest();
    const dlq = await sqs.createWithDeadLetterQueue('q', 1);
    await sqs.send('q', 'poison');
    await sqs.receive('q');
    await sqs.advance(3_600_000);
    expect(await sqs.counts('q')).toEqual([1, 0, 0]);
    expect(await sqs.counts(dlq)).toEqual([0, 0, 0]);
  });

  it('body, attributes, checksums and times stay; a healthy message behind is returned by the same receive', async () => {
    const sqs = new SqsUnderTest();
    const dlq = await sqs.createWithDeadLetterQueue('q', 1);
    const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
    await sqs.send('q', 'poison', {
      MessageAttributes: { MyAttribute: { DataType: 'String', StringValue: 'foobar' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    });
    const [before] = await sqs.receive('q', { ...ALL, ...NOW, MessageAttributeNames: ['All'] });
    await sqs.send('q', 'healthy');
    expect(await sqs.bodies('q')).toEqual(['healthy']);
    const [dead] = await sqs.receive(dlq, { ...ALL, MessageAttributeNames: ['All'] });
    expect(dead).toMatchObject({
      MessageAttributes: before?.MessageAttributes,
      MD5OfMessageAttributes: 'adb59cd4678ea5a855436b949cd07ab6',
      MD5OfBody: before?.MD5OfBody,
      Attributes: {
        SentTimestamp: before?.Attributes?.SentTimestamp,
        ApproximateFirstReceiveTimestamp: before?.Attributes?.ApproximateFirstReceiveTimestamp,
        AWSTraceHeader: traceHeader,
      },
    });
  });

  it('a standard dead-letter queue keeps the time of the first send for its retention', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('late', { MessageRetentionPeriod: '120' });
    const redrive = JSON.stringify({ deadLetterTargetArn: SqsUnderTest.arn('late'), maxReceiveCount: 1 });
    await sqs.create('q', { RedrivePolicy: redrive });
    await sqs.send('q', 'poison');
    await sqs.receive('q', NOW);
    await sqs.advance(100_000);
    await sqs.receive('q', NOW);
    expect(await sqs.counts('late')).toEqual([1, 0, 0]);
    await sqs.advance(20_001);
    expect(await sqs.counts('late')).toEqual([0, 0, 0]);
  });

  it('a FIFO dead-letter queue starts the retention anew', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('late.fifo', { MessageRetentionPeriod: '120' });
    const redrive = JSON.stringify({ deadLetterTargetArn: SqsUnderTest.arn('late.fifo'), maxReceiveCount: 1 });
    await sqs.create('q.fifo', { RedrivePolicy: redrive });
    await sqs.sendTo('q.fifo', 'g', 'poison');
    await sqs.receive('q.fifo', NOW);
    await sqs.advance(100_000);
    await sqs.receive('q.fifo', NOW);
    await sqs.advance(120_000);
    expect(await sqs.counts('late.fifo')).toEqual([1, 0, 0]);
    await sqs.advance(1);
    expect(await sqs.counts('late.fifo')).toEqual([0, 0, 0]);
  });

  it('dead-lettering the head of a FIFO group lets the next one through', async () => {
    const sqs = new SqsUnderTest();
    const dlq = await sqs.createWithDeadLetterQueue('q.fifo', 1);
    await sqs.sendTo('q.fifo', 'g', 'poison');
    await sqs.sendTo('q.fifo', 'g', 'next');
    expect(await sqs.bodies('q.fifo', NOW)).toEqual(['poison']);
    expect(await sqs.bodies('q.fifo', NOW)).toEqual(['next']);
    const [dead] = await sqs.receive(dlq, ALL);
    expect(dead).toMatchObject({ Body: 'poison', Attributes: { MessageGroupId: 'g' } });
  });

  it('while its dead-letter queue does not exist, a message stays', async () => {
    const sqs = new SqsUnderTest();
    const dlq = await sqs.createWithDeadLetterQueue('q', 1);
    await sqs.send('q', 'poison');
    await sqs.sqs('DeleteQueue', { QueueUrl: dlq });
    for (let receive = 0; receive < 3; receive++) expect(await sqs.receive('q', NOW)).toHaveLength(1);
    await sqs.advance(60_000);
    await sqs.create(dlq);
    expect(await sqs.receive('q', NOW)).toEqual([]);
    expect(await sqs.receive(dlq)).toHaveLength(1);
  });

  it('who waits on the dead-letter queue gets the message at once', async () => {
    const sqs = new SqsUnderTest();
    const dlq = await sqs.createWithDeadLetterQueue('q', 1);
    await sqs.send('q', 'poison');
    await sqs.receive('q', NOW);
    const waiting = sqs.receive(dlq, { WaitTimeSeconds: 20 });
    await sqs.receive('q', NOW);
    expect(await waiting).toMatchObject([{ Body: 'poison' }]);
  });

  it('each queue of a chain counts its own receives', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('end');
    const to = (name: string): string =>
      JSON.stringify({ deadLetterTargetArn: SqsUnderTest.arn(name), maxReceiveCount: 2 });
    await sqs.create('middle', { RedrivePolicy: to('end') });
    await sqs.create('q', { RedrivePolicy: to('middle') });
    await sqs.send('q', 'poison');
    for (let receive = 0; receive < 3; receive++) await sqs.receive('q', NOW);
    expect(await sqs.bodies('middle', NOW)).toEqual(['poison']);
    expect(await sqs.bodies('middle', NOW)).toEqual(['poison']);
    expect(await sqs.bodies('middle', NOW)).toEqual([]);
    expect((await sqs.receive('end', ALL))[0]?.Attributes?.ApproximateReceiveCount).toBe('5');
  });
});

describe('redrive policies', () => {
  const policy = (more: object): { RedrivePolicy: string } => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: SqsUnderTest.arn('dlq'), maxReceiveCount: 3, ...more }),
  });

  it.each([
    ['not a JSON map', { RedrivePolicy: '[]' }, 'Redrive policy is not a valid JSON map.'],
    ['no JSON', { RedrivePolicy: '{' }, 'Redrive policy is not a valid JSON map.'],
    [
      'no target',
      policy({ deadLetterTargetArn: undefined }),
      'Redrive policy does not contain mandatory attribute: deadLetterTargetArn.',
    ],
    [
      'no count',
      policy({ maxReceiveCount: undefined }),
      'Redrive policy does not contain mandatory attribute: maxReceiveCount.',
    ],
    [
      'a count of 0',
      policy({ maxReceiveCount: 0 }),
      'Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.',
    ],
    [
      'a count of 1001',
      policy({ maxReceiveCount: '1001' }),
      'Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.',
    ],
    [
      'a missing queue',
      policy({ deadLetterTargetArn: SqsUnderTest.arn('nope') }),
      'Dead letter target does not exist.',
    ],
    [
      'a FIFO queue',
      policy({ deadLetterTargetArn: SqsUnderTest.arn('dlq.fifo') }),
      'Dead-letter queue must be same type of queue as the source.',
    ],
    [
      'a queue of another account',
      policy({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:111111111111:dlq' }),
      'Dead-letter target owner should be same as the source.',
    ],
  ])('with %s are refused', async (_case, attributes, reason) => {
    const sqs = new SqsUnderTest();
    await sqs.create('dlq');
    await sqs.create('dlq.fifo');
    await sqs.create('q');
    const refused = await sqs.refusal('SetQueueAttributes', { QueueUrl: 'q', Attributes: attributes });
    expect(refused.code).toBe('InvalidParameterValueException');
    expect(refused.message).toBe(
      `Value ${attributes.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
    );
    const created = await sqs.refusal('CreateQueue', { QueueName: 'new', Attributes: attributes });
    expect(created.message).toBe(refused.message);
  });

  it('an empty policy removes it', async () => {
    const sqs = new SqsUnderTest();
    await sqs.createWithDeadLetterQueue('q', 1);
    await sqs.sqs('SetQueueAttributes', { QueueUrl: 'q', Attributes: { RedrivePolicy: '' } });
    expect(await sqs.attributes('q', 'RedrivePolicy')).toEqual({});
    expect(await sqs.sqs('ListDeadLetterSourceQueues', { QueueUrl: 'q-dlq' })).toEqual({ queueUrls: [] });
  });

  it('a dead-letter queue says who may use it', async () => {
    const sqs = new SqsUnderTest();
    const allow = (value: object) =>
      sqs.sqs('SetQueueAttributes', { QueueUrl: 'dlq', Attributes: { RedriveAllowPolicy: JSON.stringify(value) } });
    const use = () => sqs.sqs('SetQueueAttributes', { QueueUrl: 'q', Attributes: policy({}) });
    await sqs.create('dlq');
    await sqs.create('q');
    await allow({ redrivePermission: 'denyAll' });
    await expect(use()).rejects.toMatchObject({ code: 'InvalidParameterValueException' });
    await allow({ redrivePermission: 'byQueue', sourceQueueArns: [SqsUnderTest.arn('other')] });
    await expect(use()).rejects.toMatchObject({ code: 'InvalidParameterValueException' });
    await allow({ redrivePermission: 'byQueue', sourceQueueArns: [SqsUnderTest.arn('q')] });
    await use();
    await allow({ redrivePermission: 'allowAll' });
    await use();
    const eleven = Array.from({ length: 11 }, (_, index) => SqsUnderTest.arn(`q${index}`));
    for (const wrong of [
      {},
      { redrivePermission: 'maybe' },
      { redrivePermission: 'byQueue' },
      { redrivePermission: 'denyAll', sourceQueueArns: [SqsUnderTest.arn('q')] },
      { redrivePermission: 'byQueue', sourceQueueArns: eleven },
      { redrivePermission: 'byQueue', sourceQueueArns: ['q'] },
      { redrivePermission: 'allowAll', more: 1 },
    ]) {
      await expect(allow(wrong)).rejects.toMatchObject({ code: 'InvalidParameterValueException' });
    }
  });

  it('a dead-letter queue lists its sources, in pages when asked', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('dlq');
    for (const name of ['c', 'a', 'b']) await sqs.create(name, policy({}));
    const list = (more: object = {}) =>
      sqs.sqs<{ queueUrls: string[]; NextToken?: string }>('ListDeadLetterSourceQueues', { QueueUrl: 'dlq', ...more });
    const url = (name: string): string => `http://127.0.0.1:4566/000000000000/${name}`;
    expect(await list()).toEqual({ queueUrls: [url('a'), url('b'), url('c')] });
    const page = await list({ MaxResults: 2 });
    expect(page.queueUrls).toEqual([url('a'), url('b')]);
    expect(await list({ MaxResults: 2, NextToken: page.NextToken })).toEqual({ queueUrls: [url('c')] });
    await sqs.sqs('DeleteQueue', { QueueUrl: 'b' });
    expect((await list()).queueUrls).toEqual([url('a'), url('c')]);
  });
});
