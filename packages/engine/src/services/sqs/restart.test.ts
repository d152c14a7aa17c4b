import { expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { LEFT_AT_ONCE } from './leftovers.ts';
import { SqsUnderTest } from './queue-bench.ts';

/** The same state under a new engine, as after a `kill -9`. */
const restart = (before: SqsUnderTest, store: MapStore, afterMs = 0): SqsUnderTest =>
  new SqsUnderTest({ store, start: before.clock.now() + afterMs, seed: 2 });

it('queues, attributes, tags and messages are there after a restart', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.createWithDeadLetterQueue('q', 3, { VisibilityTimeout: '77' });
  await before.sqs('TagQueue', { QueueUrl: 'q', Tags: { team: 'a' } });
  const binary = new Uint8Array([0, 1, 255]);
  const MessageAttributes = {
    text: { DataType: 'String', StringValue: 'x' },
    bytes: { DataType: 'Binary', BinaryValue: binary },
  };
  const sent = await before.send('q', 'héllo', { MessageAttributes });
  await before.send('q', 'late', { DelaySeconds: 60 });
  const attributes = await before.attributes('q');

  const after = restart(before, store);
  expect(await after.attributes('q')).toEqual(attributes);
  expect(await after.sqs('ListQueueTags', { QueueUrl: 'q' })).toEqual({ Tags: { team: 'a' } });
  expect(await after.sqs('ListDeadLetterSourceQueues', { QueueUrl: 'q-dlq' })).toEqual({
    queueUrls: ['http://127.0.0.1:4566/000000000000/q'],
  });
  const [message] = await after.receive('q', { MessageAttributeNames: ['All'] });
  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: 'héllo',
    MD5OfBody: sent.MD5OfMessageBody,
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    MessageAttributes,
  });
  await after.advance(60_000);
  expect(await after.bodies('q')).toEqual(['late']);
});

it('an acknowledged receive is remembered: count, first receive, time hidden, handle', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q', { VisibilityTimeout: '60' });
  await before.send('q', 'a');
  await before.send('q', 'b');
  const firstReceivedAt = before.clock.now();
  const [a] = await before.receive('q');
  const [b] = await before.receive('q');
  await before.changeVisibility('q', b, 600);

  const after = restart(before, store, 30_000);
  expect(await after.counts('q')).toEqual([0, 2, 0]);
  await after.delete('q', b);
  await after.advance(30_000);
  const [again] = await after.receive('q', { AttributeNames: ['All'] });
  expect(again?.Attributes).toMatchObject({
    ApproximateReceiveCount: '2',
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
  });
  // The handle from before the restart still deletes.
  await after.delete('q', a);
  expect(await after.counts('q')).toEqual([0, 0, 0]);
});

it.each([1, 2])(
  'twelve hours of visibility count from receive %i of a message after a restart too',
  async (receives) => {
    const store = new MapStore();
    const before = new SqsUnderTest({ store });
    await before.create('q', { VisibilityTimeout: '60' });
    await before.send('q', 'a');
    const firstReceivedAt = before.clock.now();
    let [message] = await before.receive('q');
    if (receives === 2) {
      await before.advance(60_000);
      [message] = await before.receive('q');
    }

    const after = restart(before, store, 10_000);
    await expect(after.changeVisibility('q', message, 43_191)).rejects.toThrow('beyond the limit');
    await after.changeVisibility('q', message, 43_190);
    await after.advance(43_190_000);
    const [again] = await after.receive('q', { AttributeNames: ['All'] });
    expect(again?.Attributes).toMatchObject({
      ApproximateReceiveCount: String(receives + 1),
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    });
  },
);

it('a message received too often before a restart is dead-lettered after it', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.createWithDeadLetterQueue('q', 1, { VisibilityTimeout: '5' });
  await before.send('q', 'poison');
  await before.receive('q');
  const middle = restart(before, store, 5_000);
  expect(await middle.receive('q')).toEqual([]);
  const after = restart(middle, store);
  const [dead] = await after.receive('q-dlq', { AttributeNames: ['All'] });
  expect(dead?.Attributes).toMatchObject({
    ApproximateReceiveCount: '2',
    DeadLetterQueueSourceArn: SqsUnderTest.arn('q'),
  });
});

it('a FIFO group stays blocked, its order and its numbers go on', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q.fifo', { VisibilityTimeout: '60' });
  for (const body of ['1', '2']) await before.sendTo('q.fifo', 'g', body);
  const [first] = await before.receive('q.fifo', { AttributeNames: ['All'] });

  const after = restart(before, store);
  expect(await after.receive('q.fifo')).toEqual([]);
  const third = await after.sendTo('q.fifo', 'g', '3');
  expect((third.SequenceNumber as string) > (first?.Attributes?.SequenceNumber as string)).toBe(true);
  await after.delete('q.fifo', first);
  expect(await after.bodies('q.fifo')).toEqual(['2', '3']);
});

it('deduplication ids are remembered for their five minutes', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q.fifo');
  const sent = await before.sendTo('q.fifo', 'g', 'd');
  const after = restart(before, store, 299_999);
  expect((await after.sendTo('q.fifo', 'g', 'd')).MessageId).toBe(sent.MessageId);
  await after.advance(1);
  expect((await after.sendTo('q.fifo', 'g', 'd')).MessageId).not.toBe(sent.MessageId);
  expect(store.keysOf('sqs.deduplication')).toHaveLength(1);
});

it('a receive attempt whose answer was lost in a crash can be repeated', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q.fifo', { VisibilityTimeout: '60' });
  for (const body of ['1', '2', '3']) await before.sendTo('q.fifo', 'g', body);
  const attempt = { ReceiveRequestAttemptId: 'try', MaxNumberOfMessages: 2 };
  const lost = await before.receive('q.fifo', attempt);

  const after = restart(before, store, 50_000);
  expect(await after.receive('q.fifo', attempt)).toEqual(lost);
  await after.advance(59_999);
  expect(await after.receive('q.fifo')).toEqual([]);
  await after.delete('q.fifo', lost[0]);
  const later = restart(after, store);
  expect(await later.bodies('q.fifo', attempt)).toEqual([]);
  await later.advance(1);
  expect(await later.bodies('q.fifo')).toEqual(['2', '3']);
  await later.sqs('PurgeQueue', { QueueUrl: 'q.fifo' });
  expect(store.keysOf('sqs.attempts')).toEqual([]);
});

it('a scope of deduplication that was changed just before settles after the restart', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q.fifo');
  const Attributes = { DeduplicationScope: 'messageGroup' };
  await before.sqs('SetQueueAttributes', { QueueUrl: 'q.fifo', Attributes });
  const after = restart(before, store, 30_000);
  const send = (group: string) => after.send('q.fifo', 'x', { MessageGroupId: group, MessageDeduplicationId: 'd' });
  const first = await send('a');
  expect((await send('b')).MessageId).toBe(first.MessageId);
  await after.advance(30_000);
  expect((await send('b')).MessageId).not.toBe(first.MessageId);
});

it('the rest after deleting and after purging is remembered', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('gone');
  await before.create('q');
  await before.sqs('DeleteQueue', { QueueUrl: 'gone' });
  await before.sqs('PurgeQueue', { QueueUrl: 'q' });
  const after = restart(before, store, 59_999);
  expect((await after.refusal('CreateQueue', { QueueName: 'gone' })).code).toBe('QueueDeletedRecently');
  expect((await after.refusal('PurgeQueue', { QueueUrl: 'q' })).code).toBe('PurgeQueueInProgress');
});

it('a handle from before a restart never deletes another message', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q');
  await before.send('q', 'old');
  const [old] = await before.receive('q');
  await before.delete('q', old);
  const after = restart(before, store);
  await after.send('q', 'new');
  await after.receive('q');
  await after.delete('q', old);
  expect(await after.counts('q')).toEqual([0, 1, 0]);
});

it('bodies are written once; what is deleted, expired or purged leaves nothing behind', async () => {
  const store = new MapStore();
  const sqs = new SqsUnderTest({ store });
  await sqs.create('q', { MessageRetentionPeriod: '60' });
  const left = () => [store.keysOf('sqs.messages').length, store.keysOf('sqs.receives').length];
  await sqs.send('q', 'a');
  const written = store.collections.get('sqs.messages')?.values().next().value;
  const [a] = await sqs.receive('q');
  expect(store.collections.get('sqs.messages')?.values().next().value).toBe(written);
  expect(left()).toEqual([1, 1]);
  await sqs.delete('q', a);
  expect(left()).toEqual([0, 0]);
  await sqs.send('q', 'expires');
  await sqs.receive('q');
  await sqs.advance(60_001);
  await sqs.counts('q');
  expect(left()).toEqual([0, 0]);
  await sqs.send('q', 'purged');
  await sqs.receive('q');
  await sqs.sqs('PurgeQueue', { QueueUrl: 'q' });
  expect(left()).toEqual([0, 0]);
  await sqs.send('q', 'deleted with the queue');
  await sqs.sqs('DeleteQueue', { QueueUrl: 'q' });
  expect(left()).toEqual([0, 0]);
  expect(store.keysOf('sqs.queues')).toEqual([]);
});

/** A queue with more messages than leave the store in one go. */
const crowded = async (store: MapStore): Promise<SqsUnderTest> => {
  const sqs = new SqsUnderTest({ store });
  await sqs.create('q');
  for (let sent = 0; sent <= LEFT_AT_ONCE; sent += 1) await sqs.send('q', 'old');
  await sqs.receive('q');
  return sqs;
};
const leftIn = (store: MapStore): number[] => [
  store.keysOf('sqs.messages').length,
  store.keysOf('sqs.receives').length,
];

it('a purge of many takes them out of the store bit by bit, and none of those sent after it', async () => {
  const store = new MapStore();
  const sqs = await crowded(store);
  await sqs.sqs('PurgeQueue', { QueueUrl: 'q' });
  expect(await sqs.counts('q')).toEqual([0, 0, 0]);
  expect(leftIn(store)).toEqual([1, 0]);
  await sqs.send('q', 'new');
  await sqs.advance(10);
  expect(leftIn(store)).toEqual([1, 0]);
  expect(await sqs.bodies('q')).toEqual(['new']);
});

it('what a purge had not yet taken out of the store does not come back after a restart', async () => {
  const store = new MapStore();
  const before = await crowded(store);
  await before.sqs('PurgeQueue', { QueueUrl: 'q' });
  await before.send('q', 'new');
  expect(leftIn(store)).toEqual([2, 0]);

  const after = restart(before, store);
  expect(leftIn(store)).toEqual([1, 0]);
  await after.send('q', 'newer');
  expect((await restart(after, store).bodies('q')).sort()).toEqual(['new', 'newer']);
});

it('what a deleted queue had not yet taken out of the store belongs to no other after a restart', async () => {
  const store = new MapStore();
  const before = await crowded(store);
  await before.sqs('DeleteQueue', { QueueUrl: 'q' });
  expect(leftIn(store)).toEqual([1, 0]);

  const after = restart(before, store, 60_000);
  expect(leftIn(store)).toEqual([0, 0]);
  await after.create('q');
  expect(await restart(after, store).counts('q')).toEqual([0, 0, 0]);
});

it('receives that were stored with the latest one, although it was the first, come back', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q', { VisibilityTimeout: '60' });
  await before.send('q', 'a');
  const [message] = await before.receive('q');
  const receives = store.collections.get('sqs.receives') as Map<string, string>;
  for (const [key, json] of receives) {
    const [count, visibleAt, firstReceivedAt] = JSON.parse(json);
    receives.set(key, JSON.stringify([count, visibleAt, firstReceivedAt, firstReceivedAt]));
  }

  const after = restart(before, store, 10_000);
  expect(await after.counts('q')).toEqual([0, 1, 0]);
  await expect(after.changeVisibility('q', message, 43_191)).rejects.toThrow('beyond the limit');
  await after.changeVisibility('q', message, 43_190);
});

it('messages that were stored before their members were in the order of today come back whole', async () => {
  const store = new MapStore();
  const before = new SqsUnderTest({ store });
  await before.create('q');
  await before.send('q', 'body', { MessageGroupId: 'g' });
  const messages = store.collections.get('sqs.messages') as Map<string, string>;
  for (const [key, json] of messages) {
    const { id, body, md5, ...others } = JSON.parse(json);
    messages.set(key, JSON.stringify({ id, body, md5, ...others }));
  }
  // As the log leaves out what stands behind the member that is named.
  const { collection } = store;
  store.collection = ((name: string) => {
    const whole = collection.call(store, name);
    const scanHeads: typeof whole.scanHeads = (upTo, visit) =>
      whole.scanHeads(upTo, (head, ...key) => visit(head.slice(0, head.indexOf(`,"${upTo}":`)), ...key));
    return name === 'sqs.messages' ? { ...whole, scanHeads } : whole;
  }) as typeof collection;

  const after = restart(before, store, 1_000);
  const [message] = await after.receive('q', { AttributeNames: ['All'] });
  expect(message).toMatchObject({ Body: 'body', Attributes: { MessageGroupId: 'g' } });
  expect(Number(message?.Attributes?.['SentTimestamp'])).toBeGreaterThan(0);
});

it('what no engine has put into the store is refused by its name, and left as it is', () => {
  const foreign = (collection: string, key: string, value: object): MapStore => {
    const store = new MapStore();
    store.collection(collection).put(key, value);
    return store;
  };
  const refusalOf = (store: MapStore): unknown => {
    try {
      return new SqsUnderTest({ store });
    } catch (error) {
      return error;
    }
  };
  for (const [collection, key] of [
    ['sqs.messages', 'abc'],
    ['sqs.messages', '1/'],
    ['sqs.messages', '1/007'],
    ['sqs.messages', '*/1'],
  ] as const) {
    const store = foreign(collection, key, { id: 'a' });
    const named = /\*/.test(key) ? '*' : key;
    expect(refusalOf(store)).toMatchObject({ code: 'FOREIGN_DATA', collection, key: named });
    expect(store.keysOf(collection)).toEqual([key]);
  }
});
