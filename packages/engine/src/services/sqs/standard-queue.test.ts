import { describe, expect, it } from 'vitest';
import { IN_FLIGHT_MAX } from './queue.ts';
import { SqsUnderTest } from './queue-bench.ts';

const setUp = async (attributes: Record<string, string> = {}): Promise<SqsUnderTest> => {
  const sqs = new SqsUnderTest();
  await sqs.create('q', attributes);
  return sqs;
};

describe('visibility', () => {
  it('a received message is hidden for the timeout, then comes again with another handle', async () => {
    const sqs = await setUp();
    const { MessageId } = await sqs.send('q', 'hello');
    const [first] = await sqs.receive('q');
    expect(first).toMatchObject({ MessageId, Body: 'hello', MD5OfBody: '5d41402abc4b2a76b9719d911017c592' });
    await sqs.advance(29_999);
    expect(await sqs.receive('q')).toEqual([]);
    await sqs.advance(1);
    const [second] = await sqs.receive('q');
    expect(second?.MessageId).toBe(MessageId);
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('the timeout of a receive wins over the one of the queue, for this receive only', async () => {
    const sqs = await setUp({ VisibilityTimeout: '100' });
    await sqs.send('q', 'hello');
    await sqs.receive('q', { VisibilityTimeout: 5 });
    await sqs.advance(5_000);
    expect(await sqs.receive('q')).toHaveLength(1);
    await sqs.advance(99_999);
    expect(await sqs.receive('q')).toEqual([]);
    await sqs.advance(1);
    expect(await sqs.receive('q')).toHaveLength(1);
  });

  it('a changed timeout counts from the change', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    await sqs.advance(20_000);
    await sqs.changeVisibility('q', message, 60);
    await sqs.advance(59_999);
    expect(await sqs.receive('q')).toEqual([]);
    await sqs.advance(1);
    expect(await sqs.receive('q')).toHaveLength(1);
  });

  it('a timeout changed to 0 shows the message at once', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    await sqs.changeVisibility('q', message, 0);
    expect(await sqs.counts('q')).toEqual([1, 0, 0]);
    expect(await sqs.receive('q')).toHaveLength(1);
  });

  it('no message stays hidden for more than twelve hours from its receive', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    await sqs.changeVisibility('q', message, 43_200);
    await sqs.advance(1_000);
    const QueueUrl = 'q';
    const ReceiptHandle = message?.ReceiptHandle;
    const refused = await sqs.refusal('ChangeMessageVisibility', {
      QueueUrl,
      ReceiptHandle,
      VisibilityTimeout: 43_200,
    });
    expect(refused.code).toBe('InvalidParameterValueException');
    expect(refused.message).toBe(
      'Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].',
    );
    await sqs.changeVisibility('q', message, 43_199);
  });

  it('a timeout out of range is refused', async () => {
    const sqs = await setUp();
    const input = { QueueUrl: 'q', ReceiptHandle: 'x', VisibilityTimeout: 43_201 };
    expect((await sqs.refusal('ChangeMessageVisibility', input)).message).toBe(
      'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.',
    );
  });

  it('changing the timeout of a message that is visible again succeeds and does nothing', async () => {
    const sqs = await setUp({ VisibilityTimeout: '1' });
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    await sqs.advance(1_000);
    expect(await sqs.changeVisibility('q', message, 60)).toEqual({});
    expect(await sqs.receive('q')).toHaveLength(1);
  });

  it('changing the timeout of a deleted message is refused', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    await sqs.delete('q', message);
    const input = { QueueUrl: 'q', ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 42 };
    const refused = await sqs.refusal('ChangeMessageVisibility', input);
    expect(refused.code).toBe('InvalidParameterValueException');
    expect(refused.message).toBe(
      `Value ${message?.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    );
  });

  it('the handle of an earlier receive still ends the timeout of a later one', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    const [earlier] = await sqs.receive('q', { VisibilityTimeout: 0 });
    expect(await sqs.receive('q', { VisibilityTimeout: 30 })).toHaveLength(1);
    await sqs.changeVisibility('q', earlier, 0);
    expect(await sqs.bodies('q')).toEqual(['hello']);
  });
});

describe('deleting', () => {
  it('a deleted message never comes again, and deleting it twice is fine', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    expect(await sqs.delete('q', message)).toEqual({});
    expect(await sqs.delete('q', message)).toEqual({});
    await sqs.advance(60_000);
    expect(await sqs.receive('q')).toEqual([]);
  });

  it('an old handle deletes while the message was not received again', async () => {
    const sqs = await setUp({ VisibilityTimeout: '1' });
    await sqs.send('q', 'hello');
    const [message] = await sqs.receive('q');
    await sqs.advance(5_000);
    expect(await sqs.counts('q')).toEqual([1, 0, 0]);
    await sqs.delete('q', message);
    expect(await sqs.counts('q')).toEqual([0, 0, 0]);
  });

  it('an old handle deletes although the message was received again', async () => {
    const sqs = await setUp({ VisibilityTimeout: '1' });
    await sqs.send('q', 'hello');
    const [old] = await sqs.receive('q');
    await sqs.advance(1_000);
    await sqs.receive('q');
    expect(await sqs.delete('q', old)).toEqual({});
    await sqs.advance(1_000);
    expect(await sqs.receive('q')).toEqual([]);
  });

  it('a handle of nothing, and a handle of another queue, are refused', async () => {
    const sqs = await setUp();
    await sqs.create('other');
    await sqs.send('other', 'hello');
    const [foreign] = await sqs.receive('other');
    for (const handle of ['garbage', 'AQEBxyz==', foreign?.ReceiptHandle]) {
      const refused = await sqs.refusal('DeleteMessage', { QueueUrl: 'q', ReceiptHandle: handle });
      expect(refused.code).toBe('ReceiptHandleIsInvalid');
      expect(refused.message).toBe(`The input receipt handle "${handle}" is not a valid receipt handle.`);
    }
  });
});

describe('delay', () => {
  it('a message appears when its delay is over; its own delay wins over that of the queue', async () => {
    const sqs = await setUp({ DelaySeconds: '10' });
    await sqs.send('q', 'queue delay');
    await sqs.send('q', 'own delay', { DelaySeconds: 5 });
    await sqs.send('q', 'no delay', { DelaySeconds: 0 });
    expect(await sqs.counts('q')).toEqual([1, 0, 2]);
    expect(await sqs.bodies('q')).toEqual(['no delay']);
    await sqs.advance(5_000);
    expect(await sqs.bodies('q')).toEqual(['own delay']);
    await sqs.advance(5_000);
    expect(await sqs.bodies('q')).toEqual(['queue delay']);
  });

  it('a changed delay of the queue does not touch messages that are there', async () => {
    const sqs = await setUp({ DelaySeconds: '10' });
    await sqs.send('q', 'hello');
    await sqs.sqs('SetQueueAttributes', { QueueUrl: 'q', Attributes: { DelaySeconds: '0' } });
    expect(await sqs.receive('q')).toEqual([]);
    await sqs.advance(10_000);
    expect(await sqs.receive('q')).toHaveLength(1);
  });

  it('a delay out of range is refused', async () => {
    const sqs = await setUp();
    const refused = await sqs.refusal('SendMessage', { QueueUrl: 'q', MessageBody: 'x', DelaySeconds: 901 });
    expect(refused.message).toBe(
      'Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.',
    );
  });
});

describe('retention', () => {
  it('a message is gone when its retention is over', async () => {
    const sqs = await setUp({ MessageRetentionPeriod: '60' });
    await sqs.send('q', 'hello');
    await sqs.advance(60_000);
    expect(await sqs.counts('q')).toEqual([1, 0, 0]);
    await sqs.advance(1);
    expect(await sqs.counts('q')).toEqual([0, 0, 0]);
    expect(await sqs.receive('q')).toEqual([]);
  });

  it('a message in flight is gone too, and deleting it still succeeds', async () => {
    const sqs = await setUp({ MessageRetentionPeriod: '60', VisibilityTimeout: '100' });
    await sqs.send('q', 'hello');
    await sqs.advance(50_000);
    const [message] = await sqs.receive('q');
    await sqs.advance(10_001);
    expect(await sqs.counts('q')).toEqual([0, 0, 0]);
    expect(await sqs.delete('q', message)).toEqual({});
  });

  it('a shorter retention applies to messages that are there', async () => {
    const sqs = await setUp();
    await sqs.send('q', 'hello');
    await sqs.advance(120_000);
    await sqs.sqs('SetQueueAttributes', { QueueUrl: 'q', Attributes: { MessageRetentionPeriod: '60' } });
    expect(await sqs.counts('q')).toEqual([0, 0, 0]);
  });
});

describe('order and limits', () => {
  it('messages come in the order they were sent, up to ten per receive', async () => {
    const sqs = await setUp();
    for (let index = 0; index < 12; index++) await sqs.send('q', String(index));
    expect(await sqs.bodies('q')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(await sqs.bodies('q')).toEqual(['10', '11']);
  });

  it('a message takes its old place when it comes back, and goes to the end after its third receive', async () => {
    const sqs = await setUp({ VisibilityTimeout: '0' });
    await sqs.send('q', 'poison');
    await sqs.send('q', 'healthy');
    const order: (string | undefined)[] = [];
    for (let index = 0; index < 4; index++) order.push(...(await sqs.bodies('q', {})));
    expect(order).toEqual(['poison', 'poison', 'poison', 'healthy']);
  });

  it('at 120,000 messages in flight a short poll is refused, a long poll finds nothing', async () => {
    const sqs = await setUp({ VisibilityTimeout: '600' });
    const source = SqsUnderTest.arn('q');
    for (let index = 0; index <= IN_FLIGHT_MAX; index++) await sqs.send('q', 'x');
    const engine = sqs.engine;
    for (let index = 0; index < IN_FLIGHT_MAX; index += 10) {
      engine.call('sqs', 'ReceiveMessage', { QueueUrl: source, MaxNumberOfMessages: 10 }, engine.context());
    }
    expect(await sqs.counts('q')).toEqual([1, IN_FLIGHT_MAX, 0]);
    expect((await sqs.refusal('ReceiveMessage', { QueueUrl: 'q' })).code).toBe('OverLimit');
    const waiting = sqs.receive('q', { WaitTimeSeconds: 1 });
    await sqs.advance(1_000);
    expect(await waiting).toEqual([]);
  });

  it('MaxNumberOfMessages and WaitTimeSeconds out of range are refused with the texts of AWS', async () => {
    const sqs = await setUp();
    expect((await sqs.refusal('ReceiveMessage', { QueueUrl: 'q', MaxNumberOfMessages: 11 })).message).toBe(
      'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    );
    expect((await sqs.refusal('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 21 })).message).toBe(
      'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
    );
    expect((await sqs.refusal('ReceiveMessage', { QueueUrl: 'q', VisibilityTimeout: -1 })).message).toBe(
      'Value -1 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.',
    );
  });
});

describe('fair queues', () => {
  it('groups on a standard queue need no deduplication and get no sequence number', async () => {
    const sqs = await setUp();
    const sent = await sqs.send('q', 'message', { MessageGroupId: 'tenant' });
    expect(sent).not.toHaveProperty('SequenceNumber');
    const [message] = await sqs.receive('q', { MessageSystemAttributeNames: ['All'] });
    expect(message?.Attributes).toMatchObject({ MessageGroupId: 'tenant' });
    expect(message?.Attributes).not.toHaveProperty('SequenceNumber');
  });

  it('while one tenant has most of the messages in flight, the others go first', async () => {
    const sqs = await setUp();
    for (let index = 0; index < 40; index++) await sqs.send('q', 'noisy', { MessageGroupId: 'noisy' });
    await sqs.send('q', 'quiet', { MessageGroupId: 'quiet' });
    await sqs.send('q', 'plain');
    expect(await sqs.bodies('q')).toEqual(Array(10).fill('noisy'));
    expect((await sqs.bodies('q')).slice(0, 3)).toEqual(['quiet', 'plain', 'noisy']);
  });
});

describe('system attributes', () => {
  it('All gives them all; others only when asked for; none without asking', async () => {
    const sqs = await setUp();
    const sentAt = sqs.clock.now();
    const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    await sqs.sqs('SendMessage', { QueueUrl: 'q', MessageBody: 'x' }, { traceHeader });
    await sqs.advance(5);
    const [first] = await sqs.receive('q', { AttributeNames: ['All'], VisibilityTimeout: 0 });
    expect(first?.Attributes).toEqual({
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: String(sentAt + 5),
      SentTimestamp: String(sentAt),
      SenderId: '000000000000',
      AWSTraceHeader: traceHeader,
    });
    await sqs.advance(5);
    const names = ['ApproximateReceiveCount', 'ApproximateFirstReceiveTimestamp'];
    const [second] = await sqs.receive('q', { MessageSystemAttributeNames: names, VisibilityTimeout: 0 });
    expect(second?.Attributes).toEqual({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(sentAt + 5),
    });
    expect(
      (await sqs.receive('q', { AttributeNames: ['SequenceNumber'], VisibilityTimeout: 0 }))[0],
    ).not.toHaveProperty('Attributes');
    expect((await sqs.refusal('ReceiveMessage', { QueueUrl: 'q', AttributeNames: ['Nope'] })).code).toBe(
      'InvalidAttributeName',
    );
  });

  it('the sender of a role is an id of the role and its session', async () => {
    const sqs = await setUp();
    const callerArn = 'arn:aws:sts::000000000000:assumed-role/worker/session';
    await sqs.sqs('SendMessage', { QueueUrl: 'q', MessageBody: 'x' }, { callerArn });
    const [message] = await sqs.receive('q', { AttributeNames: ['SenderId'] });
    expect(message?.Attributes?.SenderId).toMatch(/^AROA[0-9A-F]{17}:session$/);
  });
});
