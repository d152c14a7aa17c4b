import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:arrivals';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:arrivals';
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:csv-parser';
const DAY_MS = 86_400_000;

const benchWith = (configuration: object, store = new MapStore()) => {
  const bench = new TestBench((environment) => new S3Service(environment), store);
  bench.call('CreateBucket', { Bucket: 'uploads' });
  bench.call('PutBucketNotificationConfiguration', { Bucket: 'uploads', NotificationConfiguration: configuration });
  return bench;
};

const toQueue = (events: string[], rules: { Name: string; Value: string }[] = []) => ({
  QueueConfigurations: [{ Id: 'q', QueueArn: QUEUE, Events: events, Filter: { Key: { FilterRules: rules } } }],
});

const records = (bench: TestBench<S3Service>) =>
  bench.arrivals
    .map((arrival) => JSON.parse(arrival.message.body ?? arrival.message.payload ?? arrival.message.message))
    .flatMap((body) => body.Records ?? []);

describe('notifications', () => {
  it('hands a record to the queue before the write is answered', () => {
    const bench = benchWith(toQueue(['s3:ObjectCreated:*']));

    bench.call('PutObject', { Bucket: 'uploads', Key: 'a b@c/ü (1).csv', Body: 'hello' }, { sourceIp: '10.0.0.1' });

    const [record] = records(bench);
    expect(record).toEqual({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      eventTime: '2025-01-01T00:00:00.000Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: expect.stringMatching(/^AWS:AIDA/) },
      requestParameters: { sourceIPAddress: '10.0.0.1' },
      responseElements: { 'x-amz-request-id': 'EXAMPLEREQUEST01', 'x-amz-id-2': expect.any(String) },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'q',
        bucket: {
          name: 'uploads',
          ownerIdentity: { principalId: expect.stringMatching(/^A/) },
          arn: 'arn:aws:s3:::uploads',
        },
        object: {
          key: 'a+b%40c/%C3%BC+%281%29.csv',
          size: 5,
          eTag: '5d41402abc4b2a76b9719d911017c592',
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
      },
    });
    expect(decodeURIComponent(record.s3.object.key.replace(/\+/g, ' '))).toBe('a b@c/ü (1).csv');
    expect(bench.arrivals[1]?.sender).toEqual({
      principal: 's3.amazonaws.com',
      sourceArn: 'arn:aws:s3:::uploads',
      sourceAccount: '000000000000',
    });
  });

  it('says s3:TestEvent to queues and topics when it is configured, and nothing to functions', () => {
    const bench = benchWith({
      QueueConfigurations: [{ QueueArn: QUEUE, Events: ['s3:ObjectCreated:Put'] }],
      TopicConfigurations: [{ TopicArn: TOPIC, Events: ['s3:ObjectCreated:Copy'] }],
      LambdaFunctionConfigurations: [{ LambdaFunctionArn: FUNCTION, Events: ['s3:ObjectRemoved:*'] }],
    });

    expect(bench.arrivals.map((arrival) => arrival.target)).toEqual([TOPIC, QUEUE]);
    expect(bench.arrivals[0]?.message.subject).toBe('Amazon S3 Notification');
    expect(JSON.parse(bench.arrivals[1]?.message.body ?? '')).toEqual({
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: '2025-01-01T00:00:00.000Z',
      Bucket: 'uploads',
      RequestId: 'EXAMPLEREQUEST01',
      HostId: expect.any(String),
    });
  });

  it.each([
    ['config/schemaVersion%3D1/', 'config/schemaVersion=1/a.json', true],
    ['config/schemaVersion%3d1/', 'config/schemaVersion=1/a.json', true],
    ['config/schemaVersion=1/', 'config/schemaVersion=1/a.json', false],
    ['in+box/', 'in box/a.csv', true],
    ['in box/', 'in box/a.csv', false],
    ['in+box/', 'in+box/a.csv', false],
    ['in%2Bbox/', 'in+box/a.csv', true],
    ['%C3%BC/', 'ü/a.csv', true],
    ['in/', 'in/a.csv', true],
  ])('takes a prefix %s for what is URL-encoded: %s', (Value, Key, isTold) => {
    const bench = benchWith(toQueue(['s3:ObjectCreated:*'], [{ Name: 'prefix', Value }]));
    bench.call('PutObject', { Bucket: 'uploads', Key, Body: '1' });
    expect(records(bench)).toHaveLength(isTold ? 1 : 0);
  });

  it('follows prefix, suffix and event type', () => {
    const bench = benchWith(
      toQueue(
        ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*'],
        [
          { Name: 'prefix', Value: 'in/' },
          { Name: 'Suffix', Value: '.csv' },
        ],
      ),
    );

    bench.call('PutObject', { Bucket: 'uploads', Key: 'in/a.csv', Body: '1' });
    bench.call('PutObject', { Bucket: 'uploads', Key: 'in/a.txt', Body: '1' });
    bench.call('PutObject', { Bucket: 'uploads', Key: 'out/a.csv', Body: '1' });
    bench.call('CopyObject', { Bucket: 'uploads', Key: 'in/b.csv', CopySource: 'uploads/out/a.csv' });
    bench.call('DeleteObject', { Bucket: 'uploads', Key: 'in/b.csv' });
    bench.call('DeleteObject', { Bucket: 'uploads', Key: 'in/never-there.csv' });

    expect(records(bench).map(({ eventName, s3 }) => [eventName, s3.object.key])).toEqual([
      ['ObjectCreated:Put', 'in/a.csv'],
      ['ObjectRemoved:Delete', 'in/b.csv'],
      // Recorded: who deletes what is not there is told that it has gone.
      ['ObjectRemoved:Delete', 'in/never-there.csv'],
    ]);
    expect(Object.keys(records(bench)[1].s3.object)).toEqual(['key', 'sequencer']);
    const shown = bench.call('GetBucketNotificationConfiguration', { Bucket: 'uploads' });
    expect(shown['QueueConfigurations']).toMatchObject([
      {
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'Prefix', Value: 'in/' },
              { Name: 'Suffix', Value: '.csv' },
            ],
          },
        },
      },
    ]);
  });

  it('orders the events of a key by their sequencer, compared as text', () => {
    const bench = benchWith(toQueue(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']));

    for (let round = 0; round < 5; round++) {
      bench.call('PutObject', { Bucket: 'uploads', Key: 'k', Body: `${round}` });
      bench.call('DeleteObject', { Bucket: 'uploads', Key: 'k' });
      bench.advance(round * 1000);
    }

    const sequencers = records(bench).map((record) => record.s3.object.sequencer);
    expect(sequencers).toEqual([...new Set(sequencers)].sort());
    expect(sequencers).toHaveLength(10);
  });

  it('gives EventBridge its own form, with the key as it is', () => {
    const bench = benchWith({ EventBridgeConfiguration: {} });

    bench.call('PutObject', { Bucket: 'uploads', Key: 'a b@c.csv', Body: 'hello' });
    bench.call('DeleteObject', { Bucket: 'uploads', Key: 'a b@c.csv' });

    expect(bench.arrivals.map((arrival) => [arrival.target, arrival.message.event.detailType])).toEqual([
      ['default', 'Object Created'],
      ['default', 'Object Deleted'],
    ]);
    expect(bench.arrivals[0]?.message.event).toMatchObject({
      source: 'aws.s3',
      resources: ['arn:aws:s3:::uploads'],
      account: '000000000000',
      region: 'us-east-1',
      detail: {
        version: '0',
        bucket: { name: 'uploads' },
        object: { key: 'a b@c.csv', size: 5, etag: '5d41402abc4b2a76b9719d911017c592' },
        'request-id': 'EXAMPLEREQUEST01',
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    });
    expect(bench.arrivals[1]?.message.event.detail).toMatchObject({
      reason: 'DeleteObject',
      'deletion-type': 'Permanently Deleted',
    });
  });

  it('passes the trace header on', () => {
    const bench = benchWith(toQueue(['s3:ObjectCreated:*']));

    bench.call('PutObject', { Bucket: 'uploads', Key: 'k', Body: '' }, { traceHeader: 'Root=1-2-3' });

    expect(bench.arrivals[1]?.sender.traceHeader).toBe('Root=1-2-3');
  });
});

describe('a destination that refuses', () => {
  it('gets the notification again with growing delays until it takes it', () => {
    const bench = benchWith(toQueue(['s3:ObjectCreated:*']));
    bench.missing.add(QUEUE);

    bench.call('PutObject', { Bucket: 'uploads', Key: 'k', Body: '' });
    bench.advance(1_000 + 2_000 + 4_000);
    bench.missing.delete(QUEUE);
    bench.advance(7_999);
    expect(records(bench)).toHaveLength(0);
    bench.advance(1);

    expect(records(bench)).toHaveLength(1);
    bench.advance(DAY_MS);
    expect(records(bench)).toHaveLength(1);
  });

  it('still gets it after a restart', () => {
    const store = new MapStore();
    const before = benchWith(toQueue(['s3:ObjectCreated:*']), store);
    before.missing.add(QUEUE);
    before.call('PutObject', { Bucket: 'uploads', Key: 'k', Body: 'hello' });

    const after = new TestBench((environment) => new S3Service(environment), store);
    after.advance(1_000);

    expect(records(after).map((record) => record.s3.object.key)).toEqual(['k']);
    expect(store.keysOf('s3.pending-notifications').length).toBe(0);
  });

  it('is given up after a day', () => {
    const store = new MapStore();
    const bench = benchWith(toQueue(['s3:ObjectCreated:*']), store);
    bench.missing.add(QUEUE);
    bench.call('PutObject', { Bucket: 'uploads', Key: 'k', Body: '' });

    bench.advance(DAY_MS - 1);
    expect(store.keysOf('s3.pending-notifications').length).toBe(1);
    bench.advance(1);

    expect(store.keysOf('s3.pending-notifications').length).toBe(0);
    expect(bench.timers.size).toBe(0);
  });
});

describe('a notification configuration', () => {
  const fresh = () => {
    const bench = new TestBench((environment) => new S3Service(environment));
    bench.call('CreateBucket', { Bucket: 'uploads' });
    return bench;
  };
  const refusal = (bench: TestBench<S3Service>, configuration: object, more: object = {}) =>
    bench.refusal('PutBucketNotificationConfiguration', {
      Bucket: 'uploads',
      NotificationConfiguration: configuration,
      ...more,
    });

  it('must name ARNs of the right service, even when destinations are not asked', () => {
    const wrong = { QueueConfigurations: [{ QueueArn: 'invalid-queue', Events: ['s3:ObjectCreated:*'] }] };

    expect(refusal(fresh(), wrong, { SkipDestinationValidation: true })).toEqual({
      code: 'InvalidArgument',
      message: 'The ARN could not be parsed',
      status: 400,
      members: { ArgumentName: 'Queue', ArgumentValue: 'invalid-queue' },
    });
  });

  it('is refused with every destination that cannot take it', () => {
    const bench = fresh();
    const other = 'arn:aws:sqs:us-east-1:000000000000:other';
    bench.missing.add(QUEUE).add(FUNCTION);
    bench.closed.add(other);

    const answer = refusal(bench, {
      QueueConfigurations: [
        { QueueArn: QUEUE, Events: ['s3:ObjectCreated:Put'] },
        { QueueArn: other, Events: ['s3:ObjectCreated:Copy'] },
      ],
      LambdaFunctionConfigurations: [{ LambdaFunctionArn: FUNCTION, Events: ['s3:ObjectRemoved:*'] }],
    });

    expect(answer).toEqual({
      code: 'InvalidArgument',
      message: 'Unable to validate the following destination configurations',
      status: 400,
      members: {
        ArgumentName1: QUEUE,
        ArgumentValue1: 'The destination queue does not exist',
        ArgumentName2: other,
        ArgumentValue2:
          'Permissions on the destination queue do not allow S3 to publish notifications from this bucket',
        ArgumentName3: `${FUNCTION}, null`,
        ArgumentValue3: `Not authorized to invoke function [${FUNCTION}]`,
      },
    });
    expect(bench.call('GetBucketNotificationConfiguration', { Bucket: 'uploads' })).toEqual({});
  });

  it('is taken unseen with SkipDestinationValidation, without a test event', () => {
    const bench = fresh();
    bench.missing.add(QUEUE);

    bench.call('PutBucketNotificationConfiguration', {
      Bucket: 'uploads',
      NotificationConfiguration: toQueue(['s3:ObjectCreated:*']),
      SkipDestinationValidation: true,
    });
    bench.missing.clear();
    bench.advance(DAY_MS);

    expect(bench.arrivals).toHaveLength(0);
  });

  it('must not have two rules that could match one event', () => {
    const rule = (events: string[], prefix: string, suffix: string) => ({
      QueueArn: QUEUE,
      Events: events,
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: prefix },
            { Name: 'suffix', Value: suffix },
          ],
        },
      },
    });
    const put = (...rules: object[]) => ({ QueueConfigurations: rules });

    expect(
      refusal(
        fresh(),
        put(rule(['s3:ObjectCreated:*'], 'in/', '.csv'), rule(['s3:ObjectCreated:Put'], 'in/a', 'x.csv')),
      ),
    ).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringMatching(/^Configuration is ambiguously defined/),
    });
    const bench = fresh();
    bench.call('PutBucketNotificationConfiguration', {
      Bucket: 'uploads',
      NotificationConfiguration: put(
        rule(['s3:ObjectCreated:*'], 'in/', '.csv'),
        rule(['s3:ObjectCreated:*'], 'in/', '.txt'),
        rule(['s3:ObjectRemoved:*'], 'in/', '.csv'),
      ),
    });
  });

  it('refuses unknown events, filter names and FIFO queues', () => {
    const fifo = `${QUEUE}.fifo`;

    expect(refusal(fresh(), toQueue(['s3:ObjectEaten:*'])).message).toBe(
      'A specified event is not supported for notifications.',
    );
    expect(refusal(fresh(), toQueue(['s3:ObjectCreated:*'], [{ Name: 'INVALID', Value: 'x' }])).members).toEqual({
      ArgumentName: 'FilterRule.Name',
      ArgumentValue: 'INVALID',
    });
    expect(
      refusal(fresh(), { QueueConfigurations: [{ QueueArn: fifo, Events: ['s3:ObjectCreated:*'] }] }).message,
    ).toBe('Unable to validate the following destination configurations');
  });

  it('can be taken away with an empty one', () => {
    const bench = benchWith(toQueue(['s3:ObjectCreated:*']));

    bench.call('PutBucketNotificationConfiguration', { Bucket: 'uploads', NotificationConfiguration: {} });
    bench.call('PutObject', { Bucket: 'uploads', Key: 'k', Body: '' });

    expect(records(bench)).toHaveLength(0);
  });
});
