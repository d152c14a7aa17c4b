import { describe, expect, it } from 'vitest';
import { SqsUnderTest } from './queue-bench.ts';

describe('creating', () => {
  it('again with the same attributes, or with none, gives the same queue', async () => {
    const sqs = new SqsUnderTest();
    const url = await sqs.create('q', { DelaySeconds: '5' });
    expect(await sqs.create('q', { DelaySeconds: '5' })).toBe(url);
    expect(await sqs.create('q', { DelaySeconds: '5', VisibilityTimeout: '30' })).toBe(url);
    expect(await sqs.create('q')).toBe(url);
    const fifo = await sqs.create('q.fifo', { FifoQueue: 'True', ContentBasedDeduplication: 'False' });
    expect(await sqs.create('q.fifo', { FifoQueue: 'TRUE', ContentBasedDeduplication: 'false' })).toBe(fifo);
  });

  it('again with another attribute is refused by its name', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const refused = await sqs.refusal('CreateQueue', { QueueName: 'q', Attributes: { DelaySeconds: '1' } });
    expect(refused.code).toBe('QueueNameExists');
    expect(refused.message).toBe(
      'A queue already exists with the same name and a different value for attribute DelaySeconds',
    );
  });

  it('a name must be one', async () => {
    const sqs = new SqsUnderTest();
    const standard = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    const fifo =
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length';
    const refusal = async (QueueName: string, Attributes: object = {}) =>
      (await sqs.refusal('CreateQueue', { QueueName, Attributes })).message;
    for (const name of ['a b', 'ä', 'x'.repeat(81), 'q.fifo']) expect(await refusal(name)).toBe(standard);
    for (const name of ['q', 'a.b.fifo', '.fifo', `${'x'.repeat(76)}.fifo`]) {
      expect(await refusal(name, { FifoQueue: 'true' })).toBe(fifo);
    }
    await sqs.create('x'.repeat(80));
    await sqs.create(`${'x'.repeat(75)}.fifo`);
  });

  it('a name rests for 60 seconds after its queue was deleted', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    await sqs.send('q', 'x');
    await sqs.sqs('DeleteQueue', { QueueUrl: 'q' });
    expect(await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x' })).toMatchObject({
      code: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
      status: 400,
    });
    await sqs.advance(59_999);
    expect(await sqs.refusal('CreateQueue', { QueueName: 'q' })).toMatchObject({
      code: 'QueueDeletedRecently',
      message: 'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
    });
    await sqs.advance(1);
    await sqs.create('q');
    expect(await sqs.counts('q')).toEqual([0, 0, 0]);
  });
});

describe('naming a queue', () => {
  it('URLs of any host and style, paths, ARNs and names mean the same queue', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    for (const reference of [
      'http://127.0.0.1:4566/000000000000/q',
      'https://sqs.us-east-1.amazonaws.com/000000000000/q',
      'http://localhost:4566/queue/us-east-1/000000000000/q',
      'http://us-east-1.queue.localhost.localstack.cloud:4566/000000000000/q',
      '/000000000000/q',
      '000000000000/q',
      'arn:aws:sqs:us-east-1:000000000000:q',
      'q',
    ]) {
      expect(await sqs.attributes(reference, 'QueueArn')).toEqual({ QueueArn: SqsUnderTest.arn('q') });
    }
    expect((await sqs.refusal('PurgeQueue', { QueueUrl: 'http://x/111111111111/q' })).code).toBe('QueueDoesNotExist');
  });

  it('accounts and regions are worlds of their own', async () => {
    const sqs = new SqsUnderTest();
    const elsewhere = { account: '111111111111', region: 'eu-west-1' };
    await sqs.create('q');
    await sqs.sqs('CreateQueue', { QueueName: 'q', Attributes: { DelaySeconds: '9' } }, elsewhere);
    expect((await sqs.attributes('q'))['DelaySeconds']).toBe('0');
    const input = { QueueUrl: 'q', AttributeNames: ['QueueArn'] };
    expect(await sqs.sqs('GetQueueAttributes', input, elsewhere)).toEqual({
      Attributes: { QueueArn: 'arn:aws:sqs:eu-west-1:111111111111:q' },
    });
    const owner = { QueueName: 'q', QueueOwnerAWSAccountId: '111111111111' };
    const QueueUrl = 'http://127.0.0.1:4566/queue/eu-west-1/111111111111/q';
    expect(await sqs.sqs('GetQueueUrl', owner, { region: 'eu-west-1' })).toEqual({ QueueUrl });
    expect(await sqs.attributes(QueueUrl, 'DelaySeconds')).toEqual({ DelaySeconds: '9' });
  });

  it('URLs in answers follow the host the caller used', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    expect(await sqs.sqs('GetQueueUrl', { QueueName: 'q' }, { host: 'example.test:99' })).toEqual({
      QueueUrl: 'http://example.test:99/000000000000/q',
    });
  });
});

describe('listing', () => {
  it('gives the queues of the account and region by prefix, in pages when asked', async () => {
    const sqs = new SqsUnderTest();
    const url = (name: string): string => `http://127.0.0.1:4566/000000000000/${name}`;
    const list = (more: object = {}) => sqs.sqs<{ QueueUrls?: string[]; NextToken?: string }>('ListQueues', more);
    expect(await list()).toEqual({});
    for (const name of ['b1', 'a2', 'a1', 'a3']) await sqs.create(name);
    expect(await list()).toEqual({ QueueUrls: ['a1', 'a2', 'a3', 'b1'].map(url) });
    expect(await list({ QueueNamePrefix: 'b' })).toEqual({ QueueUrls: [url('b1')] });
    const page = await list({ QueueNamePrefix: 'a', MaxResults: 2 });
    expect(page.QueueUrls).toEqual(['a1', 'a2'].map(url));
    expect(await list({ QueueNamePrefix: 'a', MaxResults: 2, NextToken: page.NextToken })).toEqual({
      QueueUrls: [url('a3')],
    });
    expect((await sqs.refusal('ListQueues', { MaxResults: 1_001 })).code).toBe('InvalidParameterValueException');
  });
});

describe('purging', () => {
  it('removes everything, once in 60 seconds', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    await sqs.send('q', 'in flight');
    const [message] = await sqs.receive('q');
    await sqs.send('q', 'visible');
    await sqs.send('q', 'delayed', { DelaySeconds: 5 });
    await sqs.sqs('PurgeQueue', { QueueUrl: 'q' });
    expect(await sqs.counts('q')).toEqual([0, 0, 0]);
    expect(await sqs.delete('q', message)).toEqual({});
    await sqs.advance(59_999);
    expect(await sqs.refusal('PurgeQueue', { QueueUrl: 'q' })).toMatchObject({
      code: 'PurgeQueueInProgress',
      status: 403,
      message: 'Only one PurgeQueue operation on q is allowed every 60 seconds.',
    });
    await sqs.advance(1);
    await sqs.sqs('PurgeQueue', { QueueUrl: 'q' });
  });
});

describe('tags', () => {
  it('are set at creation and later, overwritten, removed and listed', async () => {
    const sqs = new SqsUnderTest();
    await sqs.sqs('CreateQueue', { QueueName: 'q', tags: { team: 'a', env: 'dev' } });
    const list = () => sqs.sqs('ListQueueTags', { QueueUrl: 'q' });
    expect(await list()).toEqual({ Tags: { team: 'a', env: 'dev' } });
    await sqs.sqs('TagQueue', { QueueUrl: 'q', Tags: { team: 'b', Team: 'c' } });
    expect(await list()).toEqual({ Tags: { team: 'b', env: 'dev', Team: 'c' } });
    await sqs.sqs('UntagQueue', { QueueUrl: 'q', TagKeys: ['team', 'Team', 'env', 'nope'] });
    expect(await list()).toEqual({});
  });

  it('have limits', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']));
    for (const Tags of [many, { ['k'.repeat(129)]: 'v' }, { k: 'v'.repeat(257) }, { 'aws:x': 'v' }]) {
      const refused = await sqs.refusal('TagQueue', { QueueUrl: 'q', Tags });
      expect(refused.code).toBe('InvalidParameterValueException');
    }
  });
});

describe('permissions', () => {
  const add = (sqs: SqsUnderTest, Label: string, AWSAccountIds: string[], Actions: string[]) =>
    sqs.sqs('AddPermission', { QueueUrl: 'q', Label, AWSAccountIds, Actions });
  const policy = async (sqs: SqsUnderTest): Promise<unknown> => {
    const { Policy: text } = await sqs.attributes('q', 'Policy');
    return text === undefined ? undefined : JSON.parse(text);
  };

  it('become statements of the policy as AWS writes them, and go again', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    await add(sqs, 'one', ['111111111111'], ['ReceiveMessage']);
    await add(sqs, 'two', ['111111111111', '222222222222'], ['SendMessage', 'DeleteMessage']);
    const arn = SqsUnderTest.arn('q');
    const one = {
      Sid: 'one',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'SQS:ReceiveMessage',
      Resource: arn,
    };
    const two = {
      Sid: 'two',
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam::111111111111:root', 'arn:aws:iam::222222222222:root'] },
      Action: ['SQS:SendMessage', 'SQS:DeleteMessage'],
      Resource: arn,
    };
    const head = { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy` };
    expect(await policy(sqs)).toEqual({ ...head, Statement: [one, two] });
    await sqs.sqs('RemovePermission', { QueueUrl: 'q', Label: 'one' });
    expect(await policy(sqs)).toEqual({ ...head, Statement: [two] });
    await sqs.sqs('RemovePermission', { QueueUrl: 'q', Label: 'two' });
    expect(await policy(sqs)).toBeUndefined();
  });

  it('are refused when the label is taken or unknown, or the action is the owner’s', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    await add(sqs, 'label', ['111111111111'], ['*']);
    await expect(add(sqs, 'label', ['111111111111'], ['*'])).rejects.toThrow(
      'Value label for parameter Label is invalid. Reason: Already exists.',
    );
    expect((await sqs.refusal('RemovePermission', { QueueUrl: 'q', Label: 'nope' })).message).toBe(
      "Value nope for parameter Label is invalid. Reason: can't find label.",
    );
    await expect(add(sqs, 'x', ['111111111111'], ['AddPermission'])).rejects.toThrow(/Only the queue owner/);
    await expect(add(sqs, 'x'.repeat(81), ['111111111111'], ['*'])).rejects.toThrow(/Label/);
    const eight = Array.from({ length: 8 }, () => 'SendMessage');
    await expect(add(sqs, 'x', ['111111111111'], eight)).rejects.toMatchObject({ code: 'OverLimit' });
  });
});
