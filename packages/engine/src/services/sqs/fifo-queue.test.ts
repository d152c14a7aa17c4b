import { describe, expect, it } from 'vitest';
import { SqsUnderTest } from './queue-bench.ts';

const Q = 'q.fifo';
const TEN = { MaxNumberOfMessages: 10 };

const setUp = async (attributes: Record<string, string> = {}): Promise<SqsUnderTest> => {
  const sqs = new SqsUnderTest();
  await sqs.create(Q, attributes);
  return sqs;
};

describe('order within a group', () => {
  it('a group gives its messages in order, and nothing more while one is in flight', async () => {
    const sqs = await setUp();
    for (const body of ['1', '2', '3']) await sqs.sendTo(Q, 'g', body);
    const [first] = await sqs.receive(Q);
    expect(first?.Body).toBe('1');
    expect(await sqs.receive(Q, TEN)).toEqual([]);
    expect(await sqs.counts(Q)).toEqual([2, 1, 0]);
    await sqs.delete(Q, first);
    expect(await sqs.bodies(Q)).toEqual(['2', '3']);
  });

  it('a message that was not deleted comes again before its successors', async () => {
    const sqs = await setUp({ VisibilityTimeout: '5' });
    for (const body of ['1', '2']) await sqs.sendTo(Q, 'g', body);
    await sqs.receive(Q);
    await sqs.advance(5_000);
    expect(await sqs.bodies(Q)).toEqual(['1', '2']);
  });

  it('other groups go on while one is blocked', async () => {
    const sqs = await setUp();
    await sqs.sendTo(Q, 'a', 'a1');
    await sqs.sendTo(Q, 'b', 'b1');
    await sqs.sendTo(Q, 'a', 'a2');
    expect(await sqs.bodies(Q, {})).toEqual(['a1']);
    expect(await sqs.bodies(Q)).toEqual(['b1']);
  });

  it('a receive takes as many as it can from one group, then goes on to the next', async () => {
    const sqs = await setUp();
    for (const body of ['a1', 'b1', 'a2', 'b2', 'c1']) await sqs.sendTo(Q, body.charAt(0), body);
    expect(await sqs.bodies(Q, { MaxNumberOfMessages: 3 })).toEqual(['a1', 'a2', 'b1']);
    expect(await sqs.bodies(Q)).toEqual(['c1']);
  });

  it('a group that becomes receivable again lines up behind the others', async () => {
    const sqs = await setUp();
    for (const body of ['a1', 'a2', 'b1', 'b2', 'c1']) await sqs.sendTo(Q, body.charAt(0), body);
    expect(await sqs.bodies(Q, { MaxNumberOfMessages: 3, VisibilityTimeout: 0 })).toEqual(['a1', 'a2', 'b1']);
    expect(await sqs.bodies(Q, { ...TEN, VisibilityTimeout: 0 })).toEqual(['c1', 'a1', 'a2', 'b1', 'b2']);
  });

  it('ending the timeout of the first message shows it alone, behind other groups', async () => {
    const sqs = await setUp();
    for (const body of ['a1', 'a2', 'b1']) await sqs.sendTo(Q, body.charAt(0), body);
    const [first] = await sqs.receive(Q, { MaxNumberOfMessages: 2 });
    await sqs.changeVisibility(Q, first, 0);
    expect(await sqs.bodies(Q)).toEqual(['b1', 'a1']);
  });

  it.each([
    [0, []],
    [1, ['1']],
    [2, ['1', '2']],
  ])('extending message %i of three keeps it and all behind it hidden', async (extended, visible) => {
    const sqs = await setUp({ VisibilityTimeout: '1' });
    for (const body of ['1', '2', '3']) await sqs.sendTo(Q, 'g', body);
    const messages = await sqs.receive(Q, { MaxNumberOfMessages: 5 });
    expect(messages).toHaveLength(3);
    await sqs.changeVisibility(Q, messages[extended], 4);
    await sqs.advance(2_500);
    expect(await sqs.bodies(Q)).toEqual(visible);
  });

  it('a message whose retention is over lets its group go on, also for a long poll', async () => {
    const sqs = await setUp({ MessageRetentionPeriod: '60', VisibilityTimeout: '600' });
    await sqs.sendTo(Q, 'g', 'old');
    await sqs.receive(Q);
    await sqs.advance(50_000);
    await sqs.sendTo(Q, 'g', 'new');
    const waiting = sqs.bodies(Q, { WaitTimeSeconds: 20 });
    await sqs.advance(10_001);
    expect(await waiting).toEqual(['new']);
  });
});

describe('receipt handles', () => {
  it('deleting after the timeout is refused, received again or not; in time it works', async () => {
    const sqs = await setUp({ VisibilityTimeout: '1' });
    await sqs.sendTo(Q, 'g', '1');
    const [message] = await sqs.receive(Q);
    await sqs.advance(1_000);
    const refusal = async () =>
      (await sqs.refusal('DeleteMessage', { QueueUrl: Q, ReceiptHandle: message?.ReceiptHandle })).message;
    const text = `Value ${message?.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`;
    expect(await refusal()).toBe(text);
    const [again] = await sqs.receive(Q);
    expect(await refusal()).toBe(text);
    await sqs.delete(Q, again);
    expect(await sqs.delete(Q, message)).toEqual({});
  });

  it('an extended message can be deleted', async () => {
    const sqs = await setUp({ VisibilityTimeout: '1' });
    await sqs.sendTo(Q, 'g', '1');
    const [message] = await sqs.receive(Q);
    await sqs.changeVisibility(Q, message, 10);
    await sqs.advance(5_000);
    await sqs.delete(Q, message);
    expect(await sqs.counts(Q)).toEqual([0, 0, 0]);
  });
});

describe('sending', () => {
  it('sequence numbers have twenty digits and rise', async () => {
    const sqs = await setUp();
    const numbers: string[] = [];
    for (const body of ['1', '2', '3']) {
      numbers.push((await sqs.sendTo(Q, 'g', body)).SequenceNumber as string);
      await sqs.advance(1);
    }
    for (const number of numbers) expect(number).toMatch(/^\d{20}$/);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    const [message] = await sqs.receive(Q, { AttributeNames: ['All'] });
    expect(message?.Attributes).toMatchObject({
      SequenceNumber: numbers[0],
      MessageGroupId: 'g',
      MessageDeduplicationId: '1',
    });
  });

  it('a message cannot have a delay of its own; 0 means the delay of the queue', async () => {
    const sqs = await setUp({ DelaySeconds: '2' });
    const input = { QueueUrl: Q, MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'x' };
    expect((await sqs.refusal('SendMessage', { ...input, DelaySeconds: 2 })).message).toBe(
      'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
    );
    await sqs.sqs('SendMessage', { ...input, DelaySeconds: 0 });
    expect(await sqs.counts(Q)).toEqual([0, 0, 1]);
    await sqs.advance(2_000);
    expect(await sqs.receive(Q)).toHaveLength(1);
  });

  it('a changed delay of the queue also holds for messages that are there', async () => {
    const sqs = await setUp({ DelaySeconds: '100' });
    const setDelay = (seconds: number) =>
      sqs.sqs('SetQueueAttributes', { QueueUrl: Q, Attributes: { DelaySeconds: String(seconds) } });
    await sqs.sendTo(Q, 'g', '1');
    await setDelay(0);
    expect(await sqs.counts(Q)).toEqual([1, 0, 0]);
    await setDelay(10);
    expect(await sqs.counts(Q)).toEqual([0, 0, 1]);
    await sqs.advance(10_000);
    expect(await sqs.bodies(Q)).toEqual(['1']);
  });

  it('what belongs to the other kind of queue is refused', async () => {
    const sqs = await setUp();
    await sqs.create('standard');
    const refusal = async (more: object) => {
      const { code, message } = await sqs.refusal('SendMessage', { QueueUrl: Q, MessageBody: 'x', ...more });
      return [code, message];
    };
    const charset = 'can only include alphanumeric and punctuation characters. 1 to 128 in length.';
    expect(await refusal({})).toEqual([
      'MissingRequiredParameterException',
      'The request must contain the parameter MessageGroupId.',
    ]);
    expect(await refusal({ MessageGroupId: 'g' })).toEqual([
      'InvalidParameterValueException',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ]);
    expect((await refusal({ MessageGroupId: 'group 123' }))[1]).toBe(
      `Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId ${charset}`,
    );
    expect((await refusal({ MessageGroupId: 'g', MessageDeduplicationId: '' }))[1]).toBe(
      `Value  for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId ${charset}`,
    );
    expect((await refusal({ QueueUrl: 'standard', MessageDeduplicationId: 'd' }))[1]).toBe(
      'Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.',
    );
  });
});

it('behind 120,000 messages of a blocked group every other group waits, until one of them is gone', async () => {
  const sqs = await setUp({ VisibilityTimeout: '600' });
  for (let batch = 0; batch < 12_000; batch++) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({
      Id: String(index),
      MessageBody: 'x',
      MessageGroupId: 'a',
      MessageDeduplicationId: `${batch}-${index}`,
    }));
    await sqs.sqs('SendMessageBatch', { QueueUrl: Q, Entries });
  }
  await sqs.sendTo(Q, 'b', 'of-b');
  const [, second] = await sqs.receive(Q, { MaxNumberOfMessages: 2 });
  expect(await sqs.receive(Q, TEN)).toEqual([]);
  await sqs.delete(Q, second);
  expect(await sqs.bodies(Q)).toEqual(['of-b']);
});

describe('deduplication', () => {
  it('within five minutes of the first send the same id stores nothing and answers as the first did', async () => {
    const sqs = await setUp();
    const first = await sqs.send(Q, 'one', { MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    await sqs.advance(200_000);
    const second = await sqs.send(Q, 'two', { MessageGroupId: 'other', MessageDeduplicationId: 'd' });
    expect(second.MessageId).toBe(first.MessageId);
    expect(second.SequenceNumber).toBe(first.SequenceNumber);
    await sqs.advance(99_999);
    await sqs.send(Q, 'three', { MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    await sqs.advance(1);
    await sqs.send(Q, 'four', { MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    expect(await sqs.bodies(Q)).toEqual(['one', 'four']);
  });

  it('deleting the message does not end it, purging the queue does', async () => {
    const sqs = await setUp();
    await sqs.sendTo(Q, 'g', 'd');
    const [message] = await sqs.receive(Q);
    await sqs.delete(Q, message);
    await sqs.sendTo(Q, 'g', 'd');
    expect(await sqs.receive(Q)).toEqual([]);
    await sqs.sqs('PurgeQueue', { QueueUrl: Q });
    await sqs.sendTo(Q, 'g', 'd');
    expect(await sqs.receive(Q)).toHaveLength(1);
  });

  it('by content it takes the SHA-256 of the body, attributes aside; an explicit id wins', async () => {
    const sqs = await setUp({ ContentBasedDeduplication: 'true' });
    const attributes = { a: { DataType: 'String', StringValue: 'b' } };
    await sqs.send(Q, 'hello', { MessageGroupId: 'g' });
    await sqs.send(Q, 'hello', { MessageGroupId: 'g', MessageAttributes: attributes });
    await sqs.send(Q, 'hello', { MessageGroupId: 'g', MessageDeduplicationId: 'explicit' });
    const messages = await sqs.receive(Q, { ...TEN, AttributeNames: ['MessageDeduplicationId'] });
    expect(messages.map(({ Attributes }) => Attributes?.MessageDeduplicationId)).toEqual([
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      'explicit',
    ]);
  });

  it('with scope messageGroup each group is on its own', async () => {
    const sqs = await setUp({ DeduplicationScope: 'messageGroup' });
    for (const group of ['a', 'b', 'a']) {
      await sqs.send(Q, group, { MessageGroupId: group, MessageDeduplicationId: 'd' });
    }
    expect(await sqs.bodies(Q)).toEqual(['a', 'b']);
  });

  it('a changed scope counts a minute later', async () => {
    const sqs = await setUp();
    const set = (scope: string) =>
      sqs.sqs('SetQueueAttributes', { QueueUrl: Q, Attributes: { DeduplicationScope: scope } });
    const sendTwice = async (id: string) => {
      const send = (group: string) => sqs.send(Q, id, { MessageGroupId: group, MessageDeduplicationId: id });
      return new Set([(await send('a')).MessageId, (await send('b')).MessageId]).size;
    };
    await set('messageGroup');
    expect((await sqs.attributes(Q))['DeduplicationScope']).toBe('messageGroup');
    expect(await sendTwice('at-once')).toBe(1);
    await sqs.advance(59_999);
    expect(await sendTwice('still')).toBe(1);
    await sqs.advance(1);
    expect(await sendTwice('then')).toBe(2);
    await set('queue');
    expect(await sendTwice('not-yet')).toBe(2);
    await set('messageGroup');
    await sqs.advance(60_000);
    expect(await sendTwice('never')).toBe(2);
  });
});

describe('receive request attempts', () => {
  it('the same attempt gives the same messages and handles, and restarts their timeout', async () => {
    const sqs = await setUp({ VisibilityTimeout: '30' });
    for (const body of ['1', '2']) await sqs.sendTo(Q, 'g', body);
    const attempt = { ...TEN, ReceiveRequestAttemptId: 'try', AttributeNames: ['ApproximateReceiveCount'] };
    const first = await sqs.receive(Q, attempt);
    await sqs.advance(20_000);
    expect(await sqs.receive(Q, attempt)).toEqual(first);
    await sqs.advance(20_000);
    expect(await sqs.receive(Q, TEN)).toEqual([]);
    await sqs.delete(Q, first[0]);
    expect(await sqs.receive(Q, attempt)).toEqual([]);
  });

  it('an attempt id used again after five minutes is a new attempt', async () => {
    const sqs = await setUp({ VisibilityTimeout: '600' });
    for (const body of ['1', '2']) await sqs.sendTo(Q, body, body);
    const attempt = { ReceiveRequestAttemptId: 'try' };
    expect(await sqs.bodies(Q, attempt)).toEqual(['1']);
    await sqs.advance(300_000);
    expect(await sqs.bodies(Q, attempt)).toEqual(['2']);
  });

  it('a standard queue has none', async () => {
    const sqs = new SqsUnderTest();
    await sqs.create('q');
    const refused = await sqs.refusal('ReceiveMessage', { QueueUrl: 'q', ReceiveRequestAttemptId: 'try' });
    expect(refused.code).toBe('InvalidParameterValueException');
  });
});
