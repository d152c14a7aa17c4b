import { idsFrom, ManualClock, seededRandom, TimerQueue } from '@holdfast/kernel';
import { liveDigest } from '@holdfast/kernel/live';
import { describe, expect, it } from 'vitest';
import type { KeyUse, ServiceEnvironment } from '../../core/index.ts';
import {
  DEFAULT_ENGINE_SETTINGS,
  MemoryStore,
  type MetricPoint,
  type RequestContext,
  ServiceError,
} from '../../core/index.ts';
import { SqsUnderTest } from './queue-bench.ts';
import { SqsService } from './service.ts';

/** As AWS's own key: its account gets in, no service does. */
const keyRefusal = ({ principal }: KeyUse) =>
  principal === undefined ? undefined : new ServiceError('AccessDeniedException', 'no');

/** The service alone, with what it records. */
const setUp = () => {
  const clock = new ManualClock();
  const timers = new TimerQueue();
  const points: MetricPoint[] = [];
  const environment = {
    clock,
    timers,
    random: seededRandom(1),
    ids: idsFrom(seededRandom(2)),
    digest: liveDigest,
    keys: { refusalOf: keyRefusal, onChange: () => {} },
    store: new MemoryStore(),
    settings: DEFAULT_ENGINE_SETTINGS,
    metrics: { record: (point: MetricPoint) => points.push(point) },
  } as unknown as ServiceEnvironment;
  const service = new SqsService(environment);
  const context = (): RequestContext => ({
    account: '000000000000',
    region: 'us-east-1',
    requestId: 'r',
    now: clock.now(),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, for tests.
  const call = (action: string, input: object): any => service.operations[action]?.run(input, context());
  const advance = (ms: number): void => {
    const target = clock.now() + ms;
    for (let at = timers.nextWakeAt(); at !== undefined && at <= target; at = timers.nextWakeAt()) {
      clock.set(at);
      timers.wake(at);
    }
    clock.set(target);
  };
  const sum = (name: string): number =>
    points.filter((point) => point.name === name).reduce((total, { value }) => total + value, 0);
  const values = (name: string): number[] => points.filter((point) => point.name === name).map(({ value }) => value);
  call('CreateQueue', { QueueName: 'q' });
  return { service, call, clock, timers, points, advance, sum, values };
};

const QUEUE = SqsUnderTest.arn('q');
const S3 = { principal: 's3.amazonaws.com', sourceArn: 'arn:aws:s3:::bucket', sourceAccount: '000000000000' };

describe('delivery by other services', () => {
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: QUEUE,
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::bucket' } },
      },
    ],
  });

  it('a role needs no policy of the queue, a service does', () => {
    const { service, call } = setUp();
    expect(service.deliver(QUEUE, { body: 'by role' }, {})).toEqual({ ok: true });
    expect(service.accepts(QUEUE, S3)).toBe(false);
    expect(service.deliver(QUEUE, { body: 'x' }, S3)).toMatchObject({
      ok: false,
      error: { code: 'AccessDenied', status: 403 },
    });
    call('SetQueueAttributes', { QueueUrl: 'q', Attributes: { Policy: policy } });
    expect(service.accepts(QUEUE, S3)).toBe(true);
    expect(service.accepts(QUEUE, { ...S3, sourceArn: 'arn:aws:s3:::other' })).toBe(false);
    expect(service.deliver(QUEUE, { body: 'by service' }, S3)).toEqual({ ok: true });
    expect(service.receive(QUEUE, 10).map(({ body }) => body)).toEqual(['by role', 'by service']);
  });

  it('the key that AWS keeps lets no service in', () => {
    const { service, call } = setUp();
    const Attributes = { Policy: policy, KmsMasterKeyId: 'alias/aws/sqs' };
    call('SetQueueAttributes', { QueueUrl: 'q', Attributes });
    expect(service.deliver(QUEUE, { body: 'x' }, S3)).toMatchObject({ ok: false, error: { code: 'KmsAccessDenied' } });
    expect(service.deliver(QUEUE, { body: 'x' }, {})).toEqual({ ok: true });
  });

  it('a queue that does not exist refuses', () => {
    const { service } = setUp();
    const missing = SqsUnderTest.arn('nope');
    expect(service.exists(QUEUE)).toBe(true);
    expect(service.exists(missing)).toBe(false);
    expect(service.accepts(missing, {})).toBe(false);
    expect(service.deliver(missing, { body: 'x' }, {})).toMatchObject({
      ok: false,
      error: { code: 'QueueDoesNotExist' },
    });
  });

  it('attributes, group and trace arrive; what SendMessage would refuse is refused', () => {
    const { service, call } = setUp();
    call('CreateQueue', { QueueName: 'q.fifo', Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' } });
    const fifo = SqsUnderTest.arn('q.fifo');
    const attributes = { a: { dataType: 'Binary', binaryValue: new Uint8Array([1, 2]) } };
    const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
    expect(service.deliver(fifo, { body: 'x', groupId: 'g', attributes }, { traceHeader })).toEqual({ ok: true });
    expect(service.deliver(fifo, { body: 'x' }, {})).toMatchObject({
      ok: false,
      error: { code: 'MissingRequiredParameterException' },
    });
    expect(service.receive(fifo, 1)).toMatchObject([
      {
        body: 'x',
        attributes: { MessageGroupId: 'g', AWSTraceHeader: traceHeader },
        messageAttributes: { a: { dataType: 'Binary', binaryValue: 'AQI=' } },
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });
});

describe('polling by event source mappings', () => {
  it('a poll takes more than ten, hides them and counts them; deletes are by handle', () => {
    const { service, call, advance } = setUp();
    for (let index = 0; index < 25; index++) call('SendMessage', { QueueUrl: 'q', MessageBody: String(index) });
    const first = service.receive(QUEUE, 25, 60);
    expect(first.map(({ body }) => body)).toEqual(Array.from({ length: 25 }, (_, index) => String(index)));
    expect(first[0]?.attributes['ApproximateReceiveCount']).toBe('1');
    expect(service.receive(QUEUE, 25)).toEqual([]);
    service.delete(
      QUEUE,
      first.slice(0, 20).map(({ receiptHandle }) => receiptHandle),
    );
    advance(60_000);
    const second = service.receive(QUEUE, 25);
    expect(second).toHaveLength(5);
    expect(second[0]?.attributes['ApproximateReceiveCount']).toBe('2');
    expect(second[0]?.messageId).toBe(first[20]?.messageId);
  });

  it('facts say what a mapping is checked against', () => {
    const { service } = setUp();
    expect(service.facts(QUEUE)).toEqual({ visibilityTimeoutSeconds: 30, isFifo: false });
    expect(service.facts(SqsUnderTest.arn('nope'))).toBeUndefined();
    expect(service.receive(SqsUnderTest.arn('nope'), 1)).toEqual([]);
  });

  it('a listener hears of arrivals, of delays and of timeouts that end, until it unsubscribes', () => {
    const { service, call, advance } = setUp();
    const heard: string[] = [];
    const stop = service.onAvailable(QUEUE, () => {
      heard.push(
        service
          .receive(QUEUE, 10, 5)
          .map(({ body }) => body)
          .join(),
      );
    });
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'now' });
    expect(heard).toEqual(['now']);
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'later', DelaySeconds: 3 });
    advance(3_000);
    expect(heard).toEqual(['now', 'later']);
    advance(2_000);
    expect(heard).toEqual(['now', 'later', 'now']);
    stop();
    advance(60_000);
    expect(heard).toHaveLength(3);
  });

  it('a listener of a queue that does not exist yet hears of it later', () => {
    const { service, call } = setUp();
    let calls = 0;
    service.onAvailable(SqsUnderTest.arn('new'), () => {
      calls += 1;
    });
    call('CreateQueue', { QueueName: 'new' });
    call('SendMessage', { QueueUrl: 'new', MessageBody: 'x' });
    expect(calls).toBe(1);
  });

  it('a listener of a FIFO queue hears when a delete unblocks a group', () => {
    const { service, call } = setUp();
    call('CreateQueue', { QueueName: 'q.fifo', Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' } });
    const fifo = SqsUnderTest.arn('q.fifo');
    for (const body of ['1', '2']) call('SendMessage', { QueueUrl: 'q.fifo', MessageBody: body, MessageGroupId: 'g' });
    const [first] = service.receive(fifo, 1);
    let calls = 0;
    service.onAvailable(fifo, () => {
      calls += 1;
    });
    service.delete(fifo, [first?.receiptHandle as string]);
    expect(calls).toBe(1);
  });
});

describe('metrics', () => {
  it('counters are recorded as things happen', async () => {
    const { call, points, sum, values, advance } = setUp();
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'four' });
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'sixsix' });
    const { Messages } = call('ReceiveMessage', { QueueUrl: 'q', MaxNumberOfMessages: 10 });
    call('ReceiveMessage', { QueueUrl: 'q' });
    for (let twice = 0; twice < 2; twice++) {
      call('DeleteMessage', { QueueUrl: 'q', ReceiptHandle: Messages[0].ReceiptHandle });
    }
    expect(sum('NumberOfMessagesSent')).toBe(2);
    expect(values('SentMessageSize')).toEqual([4, 6]);
    expect(sum('NumberOfMessagesReceived')).toBe(2);
    expect(sum('NumberOfEmptyReceives')).toBe(1);
    expect(sum('NumberOfMessagesDeleted')).toBe(2);
    expect(points[0]).toMatchObject({ namespace: 'AWS/SQS', dimensions: { QueueName: 'q' } });
    const waiting = call('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 1 });
    advance(1_000);
    await waiting;
    expect(sum('NumberOfEmptyReceives')).toBe(2);
  });

  it('dead-lettering does not count as sending', () => {
    const { call, points } = setUp();
    const redrive = JSON.stringify({ deadLetterTargetArn: QUEUE, maxReceiveCount: 1 });
    call('CreateQueue', { QueueName: 'source', Attributes: { RedrivePolicy: redrive, VisibilityTimeout: '0' } });
    call('SendMessage', { QueueUrl: 'source', MessageBody: 'x' });
    for (let receive = 0; receive < 2; receive++) call('ReceiveMessage', { QueueUrl: 'source' });
    const sent = points.filter(({ name }) => name === 'NumberOfMessagesSent');
    expect(sent.map(({ dimensions }) => dimensions?.['QueueName'])).toEqual(['source']);
  });

  it('gauges are recorded once at the end of each minute, and for six hours after a queue was last used', () => {
    const { call, values, advance, timers, points, clock } = setUp();
    const start = clock.now();
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'a' });
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'b', DelaySeconds: 90 });
    call('ReceiveMessage', { QueueUrl: 'q', VisibilityTimeout: 600 });
    advance(120_000);
    expect(values('ApproximateNumberOfMessagesVisible')).toEqual([0, 1]);
    expect(values('ApproximateNumberOfMessagesNotVisible')).toEqual([1, 1]);
    expect(values('ApproximateNumberOfMessagesDelayed')).toEqual([1, 0]);
    expect(values('ApproximateAgeOfOldestMessage')).toEqual([59, 119]);
    expect(points.at(-1)?.at).toBe(start + 119_999);
    call('PurgeQueue', { QueueUrl: 'q' });
    advance(6 * 3_600_000);
    expect(values('ApproximateNumberOfMessagesVisible').slice(2)).toEqual(Array(360).fill(0));
    expect(timers.size).toBe(0);
  });

  it('gauges begin with the queue, and again when somebody looks at its attributes', () => {
    const { call, values, advance } = setUp();
    advance(7 * 3_600_000);
    expect(values('ApproximateNumberOfMessagesVisible')).toHaveLength(360);
    call('GetQueueAttributes', { QueueUrl: 'q', AttributeNames: ['All'] });
    advance(60_000);
    expect(values('ApproximateNumberOfMessagesVisible')).toHaveLength(361);
  });

  it('groups have gauges of their own, on FIFO and on fair queues', () => {
    const { call, values, advance } = setUp();
    call('CreateQueue', { QueueName: 'q.fifo', Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' } });
    for (const [index, group] of ['a', 'a', 'b', 'c'].entries()) {
      call('SendMessage', { QueueUrl: 'q.fifo', MessageBody: String(index), MessageGroupId: group });
    }
    call('ReceiveMessage', { QueueUrl: 'q.fifo', MaxNumberOfMessages: 3, VisibilityTimeout: 90 });
    advance(60_000);
    expect(values('ApproximateNumberOfGroupsWithInflightMessages')).toEqual([2]);
    expect(values('ApproximateNumberOfNoisyGroups')).toEqual([]);
    for (let index = 0; index < 12; index++) {
      call('SendMessage', { QueueUrl: 'q', MessageBody: 'x', MessageGroupId: 'noisy' });
    }
    for (let receive = 0; receive < 2; receive++) {
      call('ReceiveMessage', { QueueUrl: 'q', MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
    }
    advance(10_000);
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'x', MessageGroupId: 'quiet' });
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'x' });
    call('ReceiveMessage', { QueueUrl: 'q', VisibilityTimeout: 600 });
    call('SendMessage', { QueueUrl: 'q', MessageBody: 'x', MessageGroupId: 'quiet', DelaySeconds: 600 });
    advance(50_000);
    expect(values('ApproximateNumberOfGroupsWithInflightMessages')).toEqual([2, 0]);
    expect(values('ApproximateNumberOfNoisyGroups')).toEqual([1]);
    expect(values('ApproximateNumberOfMessagesVisibleInQuietGroups')).toEqual([1]);
    expect(values('ApproximateNumberOfMessagesNotVisibleInQuietGroups')).toEqual([1]);
    expect(values('ApproximateNumberOfMessagesDelayedInQuietGroups')).toEqual([1]);
    expect(values('ApproximateAgeOfOldestMessageInQuietGroups')).toEqual([49]);
  });

  it('on a dead-letter queue the age counts from the move; a poison message does not count', () => {
    const { call, values, advance } = setUp();
    const redrive = JSON.stringify({ deadLetterTargetArn: QUEUE, maxReceiveCount: 1 });
    call('CreateQueue', { QueueName: 'source', Attributes: { RedrivePolicy: redrive, VisibilityTimeout: '0' } });
    call('SendMessage', { QueueUrl: 'source', MessageBody: 'x' });
    advance(30_000);
    for (let receive = 0; receive < 2; receive++) call('ReceiveMessage', { QueueUrl: 'source' });
    advance(30_000);
    // Of the dead-letter queue, then of its source.
    expect(values('ApproximateAgeOfOldestMessage')).toEqual([29, 0]);
    for (let receive = 0; receive < 4; receive++) call('ReceiveMessage', { QueueUrl: 'q', VisibilityTimeout: 0 });
    advance(60_000);
    expect(values('ApproximateAgeOfOldestMessage').at(-1)).toBe(0);
  });
});
