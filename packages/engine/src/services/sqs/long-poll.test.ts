import { expect, it } from 'vitest';
import { SqsUnderTest } from './queue-bench.ts';

const setUp = async (attributes: Record<string, string> = {}): Promise<SqsUnderTest> => {
  const sqs = new SqsUnderTest();
  await sqs.create('q', attributes);
  return sqs;
};

it('a long poll is answered at the moment a message arrives', async () => {
  const sqs = await setUp();
  const waiting = sqs.receive('q', { WaitTimeSeconds: 20 });
  await sqs.advance(5_000);
  await sqs.send('q', 'hello');
  expect(await waiting).toMatchObject([{ Body: 'hello' }]);
});

it('a long poll that found nothing has no Messages key, and ends exactly when its wait does', async () => {
  const sqs = await setUp();
  let answer: object | undefined;
  void sqs.sqs('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 20 }).then((given) => {
    answer = given;
  });
  await sqs.advance(19_999);
  expect(answer).toBeUndefined();
  await sqs.advance(1);
  expect(answer).toEqual({});
});

it('the wait of the queue holds when the call names none', async () => {
  const sqs = await setUp({ ReceiveMessageWaitTimeSeconds: '2' });
  const waiting = sqs.receive('q');
  await sqs.advance(1_999);
  await sqs.send('q', 'hello');
  expect(await waiting).toHaveLength(1);
  expect(await sqs.receive('q', { WaitTimeSeconds: 0 })).toEqual([]);
});

it('a long poll wakes for a delay that ends and for a visibility timeout that ends', async () => {
  const sqs = await setUp();
  await sqs.send('q', 'delayed', { DelaySeconds: 3 });
  const waiting = sqs.receive('q', { WaitTimeSeconds: 20, VisibilityTimeout: 4 });
  await sqs.advance(3_000);
  expect(await waiting).toMatchObject([{ Body: 'delayed' }]);
  const again = sqs.receive('q', { WaitTimeSeconds: 20 });
  await sqs.advance(4_000);
  expect(await again).toMatchObject([{ Body: 'delayed' }]);
});

it('a long poll wakes when a timeout is changed to end sooner', async () => {
  const sqs = await setUp({ VisibilityTimeout: '600' });
  await sqs.send('q', 'hello');
  const [message] = await sqs.receive('q');
  const waiting = sqs.receive('q', { WaitTimeSeconds: 20 });
  await sqs.changeVisibility('q', message, 2);
  await sqs.advance(2_000);
  expect(await waiting).toHaveLength(1);
});

it('who waits longest is served first', async () => {
  const sqs = await setUp();
  const first = sqs.receive('q', { WaitTimeSeconds: 20 });
  const second = sqs.receive('q', { WaitTimeSeconds: 20 });
  await sqs.send('q', 'one');
  await sqs.send('q', 'two');
  expect(await first).toMatchObject([{ Body: 'one' }]);
  expect(await second).toMatchObject([{ Body: 'two' }]);
});

it('a batch that arrives is handed to a long poll as a whole', async () => {
  const sqs = await setUp();
  const waiting = sqs.receive('q', { WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
  const Entries = ['a', 'b', 'c'].map((id) => ({ Id: id, MessageBody: id }));
  await sqs.sqs('SendMessageBatch', { QueueUrl: 'q', Entries });
  expect((await waiting).map(({ Body }) => Body)).toEqual(['a', 'b', 'c']);
});

it('a caller who has gone takes nothing', async () => {
  const sqs = await setUp();
  let hangUp = (): void => {};
  const onDisconnect = (listener: () => void): void => {
    hangUp = listener;
  };
  void sqs.sqs('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 20 }, { onDisconnect });
  hangUp();
  await sqs.send('q', 'hello');
  expect(await sqs.counts('q')).toEqual([1, 0, 0]);
});

it('a queue that is deleted ends the waits on it', async () => {
  const sqs = await setUp();
  const waiting = sqs.refusal('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 20 });
  await sqs.sqs('DeleteQueue', { QueueUrl: 'q' });
  expect((await waiting).code).toBe('QueueDoesNotExist');
});

it('a queue has no timer but that of its gauges, and when it is idle and empty none after six hours', async () => {
  const sqs = await setUp();
  expect(sqs.engine.timers.size).toBe(1);
  await sqs.send('q', 'hello');
  const [message] = await sqs.receive('q');
  await sqs.delete('q', message);
  await sqs.advance(6 * 3_600_000);
  expect(sqs.engine.timers.size).toBe(0);
});
