import { describe, expect, it } from 'vitest';
import { SqsUnderTest } from './queue-bench.ts';

const ONE_TYPE =
  'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.';

const set = (sqs: SqsUnderTest, Attributes: Record<string, string>, QueueUrl = 'q') =>
  sqs.sqs('SetQueueAttributes', { QueueUrl, Attributes });

const refusal = async (sqs: SqsUnderTest, Attributes: Record<string, string>, QueueUrl = 'q') => {
  const { code, message } = await sqs.refusal('SetQueueAttributes', { QueueUrl, Attributes });
  return [code, message];
};

describe('queue attributes', () => {
  it('a fresh standard queue has exactly those of AWS', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const created = String(Math.floor(sqs.clock.now() / 1_000));
    expect(await sqs.attributes('q')).toEqual({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      CreatedTimestamp: created,
      DelaySeconds: '0',
      LastModifiedTimestamp: created,
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    });
  });

  it('a fresh FIFO queue adds its four', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q.fifo');
    const names = ['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'];
    expect(await sqs.attributes('q.fifo', ...names)).toEqual({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
    expect(Object.keys(await sqs.attributes('q.fifo'))).toHaveLength(16);
  });

  it('without names there is no answer, unknown names are refused, unset ones left out', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    expect(await sqs.sqs('GetQueueAttributes', { QueueUrl: 'q' })).toEqual({});
    expect(await sqs.sqs('GetQueueAttributes', { QueueUrl: 'q', AttributeNames: ['Policy'] })).toEqual({});
    const refused = await sqs.refusal('GetQueueAttributes', { QueueUrl: 'q', AttributeNames: ['Nope'] });
    expect([refused.code, refused.message]).toEqual(['InvalidAttributeName', 'Unknown Attribute Nope.']);
  });

  it.each([
    ['DelaySeconds', 0, 900],
    ['MaximumMessageSize', 1_024, 1_048_576],
    ['MessageRetentionPeriod', 60, 1_209_600],
    ['ReceiveMessageWaitTimeSeconds', 0, 20],
    ['VisibilityTimeout', 0, 43_200],
    ['KmsDataKeyReusePeriodSeconds', 60, 86_400],
  ])('%s ranges from %i to %i', async (name, min, max) => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    for (const value of [min, max]) {
      await set(sqs, { [name]: String(value) });
      expect(await sqs.attributes('q', name)).toEqual({ [name]: String(value) });
    }
    for (const value of [String(min - 1), String(max + 1), 'x', '', '1.5']) {
      expect(await refusal(sqs, { [name]: value })).toEqual([
        'InvalidAttributeValue',
        `Invalid value for the parameter ${name}.`,
      ]);
    }
  });

  it('a refused change changes nothing', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    await refusal(sqs, { DelaySeconds: '5', VisibilityTimeout: '-1' });
    expect(await sqs.attributes('q', 'DelaySeconds')).toEqual({ DelaySeconds: '0' });
  });

  it('a change is dated', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const before = Number((await sqs.attributes('q'))['LastModifiedTimestamp']);
    await sqs.advance(5_000);
    await set(sqs, { DelaySeconds: '5' });
    const after = await sqs.attributes('q');
    expect(Number(after['LastModifiedTimestamp'])).toBe(before + 5);
    expect(Number(after['CreatedTimestamp'])).toBe(before);
  });

  it('attributes of FIFO queues are refused on standard queues with the texts of AWS', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const unknown = (name: string) => ['InvalidAttributeName', `Unknown Attribute ${name}.`];
    expect(await refusal(sqs, { FifoQueue: 'true' })).toEqual(unknown('FifoQueue'));
    expect(await refusal(sqs, { FifoQueue: 'false' })).toEqual(unknown('FifoQueue'));
    expect(await refusal(sqs, { ContentBasedDeduplication: 'true' })).toEqual(unknown('ContentBasedDeduplication'));
    expect(await refusal(sqs, { DeduplicationScope: 'queue' })).toEqual([
      'InvalidAttributeName',
      'You can specify the DeduplicationScope only when FifoQueue is set to true.',
    ]);
    expect(await refusal(sqs, { FifoThroughputLimit: 'perQueue' })).toEqual([
      'InvalidAttributeName',
      'You can specify the FifoThroughputLimit only when FifoQueue is set to true.',
    ]);
    expect(await refusal(sqs, { QueueArn: 'x' })).toEqual(unknown('QueueArn'));
    const created = await sqs.refusal('CreateQueue', { QueueName: 'new', Attributes: { FifoQueue: 'false' } });
    expect([created.code, created.message]).toEqual(unknown('FifoQueue'));
  });

  it('a FIFO queue stays one', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q.fifo');
    await set(sqs, { FifoQueue: 'true' }, 'q.fifo');
    expect(await refusal(sqs, { FifoQueue: 'false' }, 'q.fifo')).toEqual([
      'InvalidAttributeValue',
      'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    ]);
  });

  it('high throughput goes with deduplication per group only', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q.fifo');
    const [code] = await refusal(sqs, { FifoThroughputLimit: 'perMessageGroupId' }, 'q.fifo');
    expect(code).toBe('InvalidAttributeValue');
    await set(sqs, { FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' }, 'q.fifo');
    expect((await refusal(sqs, { DeduplicationScope: 'other' }, 'q.fifo'))[0]).toBe('InvalidAttributeValue');
  });

  it('one kind of encryption ends the other, and SQS-managed encryption stays off when the key is removed', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const names = ['SqsManagedSseEnabled', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds'];
    await set(sqs, { KmsMasterKeyId: 'testKeyId', KmsDataKeyReusePeriodSeconds: '6000' });
    expect(await sqs.attributes('q', ...names)).toEqual({
      SqsManagedSseEnabled: 'false',
      KmsMasterKeyId: 'testKeyId',
      KmsDataKeyReusePeriodSeconds: '6000',
    });
    const both = { KmsMasterKeyId: 'k', SqsManagedSseEnabled: 'true' };
    expect(await refusal(sqs, both)).toEqual(['InvalidAttributeName', ONE_TYPE]);
    await set(sqs, { KmsMasterKeyId: '' });
    expect(await sqs.attributes('q', ...names)).toEqual({ SqsManagedSseEnabled: 'false' });
    await set(sqs, { KmsMasterKeyId: 'testKeyId' });
    await set(sqs, { SqsManagedSseEnabled: 'true' });
    expect(await sqs.attributes('q', ...names)).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  it('a policy must be JSON of at most 8,192 bytes; an empty one removes it', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    expect((await refusal(sqs, { Policy: 'x' }))[0]).toBe('InvalidAttributeValue');
    expect((await refusal(sqs, { Policy: JSON.stringify({ Id: 'x'.repeat(8_192) }) }))[0]).toBe(
      'InvalidAttributeValue',
    );
    const allow = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage' };
    const policyOf = (...statements: object[]): Record<string, string> => ({
      Policy: JSON.stringify({ Statement: statements }),
    });
    await set(sqs, policyOf(...Array(20).fill(allow)));
    const accounts = Array.from({ length: 51 }, (_, index) => String(index).padStart(12, '0'));
    const conditions = Object.fromEntries(accounts.slice(0, 11).map((account) => [`aws:${account}`, 'x']));
    for (const tooMuch of [
      policyOf(...Array(21).fill(allow)),
      policyOf({ ...allow, Principal: { AWS: accounts } }),
      policyOf({ ...allow, Condition: { StringEquals: conditions } }),
    ]) {
      expect((await refusal(sqs, tooMuch))[0]).toBe('InvalidAttributeValue');
    }
    await set(sqs, { Policy: '{"Version":"2012-10-17"}' });
    expect(await sqs.attributes('q', 'Policy')).toEqual({ Policy: '{"Version":"2012-10-17"}' });
    await set(sqs, { Policy: '' });
    expect(await sqs.attributes('q', 'Policy')).toEqual({});
  });
});
