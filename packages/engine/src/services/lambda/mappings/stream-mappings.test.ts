import { HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { StreamBench, succeeds, throws } from './stream-bench.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:failures';

describe('a mapping from a stream', () => {
  it('answers in the shape that AWS gives to streams', async () => {
    const bench = await StreamBench.kinesis();

    const mapping = await bench.map({ StartingPosition: 'TRIM_HORIZON' });

    expect(mapping).toEqual({
      UUID: mapping['UUID'],
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${mapping['UUID']}`,
      EventSourceArn: bench.streamArn,
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
      BatchSize: 100,
      BisectBatchOnFunctionError: false,
      DestinationConfig: { OnFailure: {} },
      FunctionResponseTypes: [],
      LastModified: new Date(bench.test.clock.now()),
      LastProcessingResult: 'No records processed',
      MaximumBatchingWindowInSeconds: 0,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: -1,
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
      State: 'Creating',
      StateTransitionReason: 'User action',
      TumblingWindowInSeconds: 0,
    });
  });

  it.each<[string, object, string, string]>([
    [
      'no starting position',
      {},
      'InvalidParameterValueException',
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    ],
    [
      'a strange starting position',
      { StartingPosition: 'invalid' },
      'ValidationException',
      "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
    ],
    [
      'a missing stream',
      { StartingPosition: 'LATEST', EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/gone' },
      'InvalidParameterValueException',
      'Stream not found: arn:aws:kinesis:us-east-1:000000000000:stream/gone',
    ],
    [
      'a missing function',
      { StartingPosition: 'LATEST', FunctionName: 'gone' },
      'InvalidParameterValueException',
      'Function does not exist',
    ],
    [
      'a broken filter',
      { StartingPosition: 'LATEST', FilterCriteria: { Filters: [{ Pattern: '"x"' }] } },
      'InvalidParameterValueException',
      'Invalid filter pattern definition.',
    ],
    [
      'a tumbling window that is too long',
      { StartingPosition: 'LATEST', TumblingWindowInSeconds: 901 },
      'ValidationException',
      "1 validation error detected: Value '901' at 'tumblingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 900",
    ],
    [
      'a tumbling window and several batches of a shard at a time',
      { StartingPosition: 'LATEST', TumblingWindowInSeconds: 30, ParallelizationFactor: 2 },
      'NotSupportedByHoldfast',
      'Holdfast does not support event source mappings with TumblingWindowInSeconds and a ParallelizationFactor above 1. See docs/fidelity.',
    ],
    [
      'too many retries',
      { StartingPosition: 'LATEST', MaximumRetryAttempts: 10_001 },
      'ValidationException',
      "1 validation error detected: Value '10001' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 10000",
    ],
    [
      'a concurrency for queues',
      { StartingPosition: 'LATEST', ScalingConfig: { MaximumConcurrency: 2 } },
      'InvalidParameterValueException',
      'Unsupported ScalingConfig parameter for given event source mapping type.',
    ],
  ])('is refused with %s', async (_name, input, code, message) => {
    const bench = await StreamBench.kinesis();

    await expect(bench.map(input)).rejects.toMatchObject({ code, message });
  });

  it('cannot begin at a time in a table', async () => {
    const bench = await StreamBench.dynamodb();

    const answer = bench.map({ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: new Date(0) });

    await expect(answer).rejects.toThrow(`Unsupported starting position for arn type: ${bench.streamArn}`);
  });

  it('exists once per stream and function', async () => {
    const bench = await StreamBench.kinesis();
    const { UUID } = await bench.map({ StartingPosition: 'LATEST' });

    await expect(bench.map({ StartingPosition: 'LATEST' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
      message: `The event source arn (" ${bench.streamArn} ") and function (" worker ") provided mapping already exists. Please update or delete the existing mapping with UUID ${UUID}`,
    });
  });
});

describe('records of Kinesis', () => {
  it('reach the function in the form of AWS', async () => {
    const bench = await StreamBench.kinesis();
    await bench.map({ StartingPosition: 'LATEST' });
    const [first] = await bench.put(['hello']);
    await bench.test.advance(1_000);

    const { Records } = JSON.parse(bench.test.invocations[0]?.payload ?? '') as { Records: object[] };
    expect(Records).toEqual([
      {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: 'k',
          sequenceNumber: first,
          data: 'aGVsbG8=',
          approximateArrivalTimestamp: 1_735_689_600,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `shardId-000000000000:${first}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: 'arn:aws:iam::000000000000:role/runner',
        awsRegion: 'us-east-1',
        eventSourceARN: bench.streamArn,
      },
    ]);
  });

  it('are read from the trim horizon, from the latest, or from a time on', async () => {
    const seen = async (start: object): Promise<string[]> => {
      const bench = await StreamBench.kinesis();
      await bench.put(['old']);
      await bench.test.advance(MINUTE_MS);
      const StartingPositionTimestamp = new Date(bench.test.clock.now());
      await bench.put(['recent']);
      await bench.map('at' in start ? { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp } : start);
      await bench.put(['new']);
      await bench.test.advance(MINUTE_MS);
      return bench.batches.flat();
    };

    expect(await seen({ StartingPosition: 'TRIM_HORIZON' })).toEqual(['old', 'recent', 'new']);
    expect(await seen({ StartingPosition: 'LATEST' })).toEqual(['new']);
    expect(await seen({ at: 'time' })).toEqual(['recent', 'new']);
  });

  it('come in batches of the batch size, as fast as the function is', async () => {
    const bench = await StreamBench.kinesis();
    await bench.put(Array.from({ length: 25 }, (_, n) => String(n)));
    await bench.map({ StartingPosition: 'TRIM_HORIZON', BatchSize: 10 });
    await bench.test.advance(1_000);

    expect(bench.batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(bench.batches.flat()).toEqual(Array.from({ length: 25 }, (_, n) => String(n)));
  });

  it('are collected until the window is over or the batch is full', async () => {
    const bench = await StreamBench.kinesis();
    await bench.map({ StartingPosition: 'LATEST', BatchSize: 3, MaximumBatchingWindowInSeconds: 10 });
    await bench.test.advance(1_000);
    await bench.put(['a']);
    await bench.test.advance(5_000);
    await bench.put(['b']);
    await bench.test.advance(4_999);
    expect(bench.batches).toEqual([]);
    await bench.test.advance(2);
    expect(bench.batches).toEqual([['a', 'b']]);

    await bench.put(['c', 'd', 'e']);
    await bench.test.advance(2);
    expect(bench.batches).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  it('never make a payload of more than six megabytes', async () => {
    const bench = await StreamBench.kinesis();
    await bench.put(Array.from({ length: 10 }, () => 'x'.repeat(1_000_000)));
    await bench.map({ StartingPosition: 'TRIM_HORIZON' });
    await bench.test.advance(1_000);

    const sizes = bench.test.invocations.map((run) => Buffer.byteLength(run.payload));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(6_291_456);
    expect(bench.batches.map((batch) => batch.length)).toEqual([4, 4, 2]);
  });

  it('that the filter does not match are skipped', async () => {
    const bench = await StreamBench.kinesis();
    await bench.map({
      StartingPosition: 'LATEST',
      FilterCriteria: { Filters: [{ Pattern: '{"data":{"price":[{"numeric":[">",10]}]}}' }] },
    });
    await bench.put(['{"price":5}', 'plain', '{"price":11}', '{"price":10}']);
    await bench.test.advance(1_000);

    expect(bench.batches).toEqual([['{"price":11}']]);
  });

  it('of the children of a split come after those of the parent, even when these are retried', async () => {
    let failures = 3;
    const bench = await StreamBench.kinesis(() => (failures-- > 0 ? throws() : succeeds()));
    await bench.map({ StartingPosition: 'LATEST', BatchSize: 1 });
    await bench.put(['a', 'b']);
    await bench.test.call('kinesis', 'SplitShard', {
      StreamName: 'orders',
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: '5',
    });
    await bench.put(['c']);
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toEqual([['a'], ['a'], ['a'], ['a'], ['b'], ['c']]);
  });

  it('of other shards go on while one shard is held up', async () => {
    const bench = await StreamBench.kinesis((batch) => (batch.includes('poison') ? throws() : succeeds()), 2);
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.put(['poison'], 'a');
    await bench.put(['fine'], 'b');
    await bench.test.advance(1_000);

    expect(bench.batches).toContainEqual(['fine']);
    expect(await bench.get()).toMatchObject({ State: 'Enabled' });
  });

  it('tell their age when they are handed over', async () => {
    const bench = await StreamBench.kinesis();
    await bench.put(['old']);
    await bench.test.advance(MINUTE_MS);
    await bench.map({ StartingPosition: 'TRIM_HORIZON' });
    await bench.test.advance(1_000);

    const { Datapoints } = await bench.test.call<{ Datapoints: { Maximum: number }[] }>(
      'cloudwatch',
      'GetMetricStatistics',
      {
        Namespace: 'AWS/Lambda',
        MetricName: 'IteratorAge',
        Dimensions: [{ Name: 'FunctionName', Value: 'worker' }],
        StartTime: new Date(bench.test.clock.now() - HOUR_MS),
        EndTime: new Date(bench.test.clock.now() + HOUR_MS),
        Period: 60,
        Statistics: ['Maximum'],
      },
    );
    expect(Datapoints[0]?.Maximum).toBe(60_200);
  });
});

describe('records of DynamoDB', () => {
  it('reach the function in the form of AWS', async () => {
    const bench = await StreamBench.dynamodb();
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.put(['a']);
    await bench.test.advance(1_000);

    const { Records } = JSON.parse(bench.test.invocations[0]?.payload ?? '') as { Records: object[] };
    expect(Records).toEqual([
      {
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'INSERT',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: 'us-east-1',
        dynamodb: {
          ApproximateCreationDateTime: 1_735_689_600,
          Keys: { id: { S: 'a' } },
          NewImage: { id: { S: 'a' }, raw: { B: 'AQI=' } },
          SequenceNumber: expect.stringMatching(/^\d{21}$/),
          SizeBytes: 11,
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: bench.streamArn,
      },
    ]);
    expect(bench.test.invocations[0]?.payload).toContain('"ApproximateCreationDateTime":1735689600.0,');
  });

  it('are filtered by event name and user identity', async () => {
    const bench = await StreamBench.dynamodb();
    const Pattern = '{"userIdentity":{"type":["Service"],"principalId":["dynamodb.amazonaws.com"]}}';
    await bench.map({ StartingPosition: 'LATEST', FilterCriteria: { Filters: [{ Pattern }] } });
    await bench.test.call('dynamodb', 'UpdateTimeToLive', {
      TableName: 'orders',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
    const seconds = String(bench.test.clock.now() / 1_000 + 10);
    await bench.test.call('dynamodb', 'PutItem', {
      TableName: 'orders',
      Item: { id: { S: 'gone' }, expires: { N: seconds } },
    });
    await bench.put(['stays']);
    await bench.test.advance(5 * MINUTE_MS);

    expect(bench.batches).toEqual([['gone']]);
  });
});

describe('a failing batch', () => {
  it('is tried once more than there are retries, then recorded and left behind', async () => {
    const bench = await StreamBench.kinesis((batch) => (batch.includes('bad') ? throws() : succeeds()));
    await bench.map({
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    const [sequenceNumber] = await bench.put(['bad']);
    await bench.test.advance(MINUTE_MS);
    await bench.put(['good']);
    await bench.test.advance(1_000);

    expect(bench.batches).toEqual([['bad'], ['bad'], ['good']]);
    expect(await bench.failures()).toEqual([
      {
        requestContext: {
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: '2025-01-01T00:00:01.202Z',
        KinesisBatchInfo: {
          shardId: 'shardId-000000000000',
          startSequenceNumber: sequenceNumber,
          endSequenceNumber: sequenceNumber,
          approximateArrivalOfFirstRecord: '2025-01-01T00:00:00.000Z',
          approximateArrivalOfLastRecord: '2025-01-01T00:00:00.000Z',
          batchSize: 1,
          streamArn: bench.streamArn,
        },
      },
    ]);
  });

  it('of a table is recorded with times in seconds', async () => {
    const bench = await StreamBench.dynamodb(throws);
    await bench.map({
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await bench.put(['bad']);
    await bench.test.advance(1_000);

    const [record] = await bench.failures();
    expect(record).not.toHaveProperty('KinesisBatchInfo');
    expect(record).toMatchObject({
      DDBStreamBatchInfo: {
        approximateArrivalOfFirstRecord: '2025-01-01T00:00:00Z',
        batchSize: 1,
        streamArn: bench.streamArn,
      },
    });
  });

  it('that reports failures is recorded with a function error of null', async () => {
    const bench = await StreamBench.kinesis((_batch, numbers) => ({
      result: { batchItemFailures: [{ itemIdentifier: numbers[0] }] },
    }));
    await bench.map({
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: 3,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await bench.put(['bad']);
    await bench.test.advance(MINUTE_MS);

    const [record] = await bench.failures();
    expect(record).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 4 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: null },
    });
  });

  it('that grows too old is recorded without an answer of the function, after about eight attempts a minute', async () => {
    const bench = await StreamBench.kinesis(throws);
    await bench.map({
      StartingPosition: 'LATEST',
      MaximumRecordAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await bench.put(['bad']);
    await bench.test.advance(MINUTE_MS);

    const [record] = await bench.failures();
    expect(record).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 8 },
      timestamp: '2025-01-01T00:01:00.000Z',
    });
    expect(record).not.toHaveProperty('responseContext');
  });

  it('that is too old before the function sees it is recorded as invoked once', async () => {
    const bench = await StreamBench.kinesis();
    await bench.put(['old']);
    await bench.test.advance(2 * MINUTE_MS);
    await bench.map({
      StartingPosition: 'TRIM_HORIZON',
      MaximumRecordAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await bench.test.advance(1_000);

    expect(bench.batches).toEqual([]);
    expect(await bench.failures()).toMatchObject([
      { requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 1 } },
    ]);
  });

  it('goes into a bucket with its records', async () => {
    const bench = await StreamBench.kinesis(throws);
    await bench.test.call('s3', 'CreateBucket', { Bucket: 'failures' });
    const { UUID } = await bench.map({
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
    });
    await bench.put(['bad']);
    await bench.test.advance(1_000);

    const { Contents } = await bench.test.call<{ Contents: { Key: string }[] }>('s3', 'ListObjectsV2', {
      Bucket: 'failures',
    });
    const Key = Contents[0]?.Key ?? '';
    expect(Key).toMatch(
      new RegExp(
        `^aws/lambda/${UUID}/shardId-000000000000/2025/01/01/2025-01-01T00\\.00\\.00-[0-9a-f]{8}-[0-9a-f-]{27}$`,
      ),
    );
    const { Body } = await bench.test.call<{ Body: Uint8Array }>('s3', 'GetObject', { Bucket: 'failures', Key });
    expect(JSON.parse(new TextDecoder().decode(Body))).toMatchObject({
      KinesisBatchInfo: { batchSize: 1 },
      payload: { Records: [{ kinesis: { data: 'YmFk' } }] },
    });
  });

  it('waits for capacity without using up its retries', async () => {
    const bench = await StreamBench.kinesis();
    const reserve = (ReservedConcurrentExecutions: number) =>
      bench.test.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'worker', ReservedConcurrentExecutions });
    await reserve(0);
    await bench.map({ StartingPosition: 'LATEST', MaximumRetryAttempts: 0 });
    await bench.put(['a']);
    await bench.test.advance(10 * MINUTE_MS);
    await reserve(10);
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toEqual([['a']]);
  });

  it('is halved until the poison is alone, without using up retries', async () => {
    const bench = await StreamBench.kinesis((batch) => (batch.includes('bad') ? throws() : succeeds()));
    await bench.put(['1', '2', 'bad', '4']);
    await bench.map({
      StartingPosition: 'TRIM_HORIZON',
      MaximumRetryAttempts: 1,
      BisectBatchOnFunctionError: true,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toEqual([['1', '2', 'bad', '4'], ['1', '2'], ['bad', '4'], ['bad'], ['bad'], ['4']]);
    expect(await bench.failures()).toMatchObject([
      { requestContext: { approximateInvokeCount: 2 }, KinesisBatchInfo: { batchSize: 1 } },
    ]);
  });

  it('goes on from the lowest number that the function reports', async () => {
    const reports = [['3', '2'], ['2'], []];
    const bench = await StreamBench.kinesis((batch, numbers) => {
      const failed = reports.shift() ?? [];
      return {
        result: { batchItemFailures: failed.map((text) => ({ itemIdentifier: numbers[batch.indexOf(text)] })) },
      };
    });
    await bench.put(['1', '2', '3']);
    await bench.map({ StartingPosition: 'TRIM_HORIZON', FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toEqual([
      ['1', '2', '3'],
      ['2', '3'],
      ['2', '3'],
    ]);
    expect(await bench.get()).toMatchObject({ LastProcessingResult: 'OK' });
  });

  it.each<[unknown, 'succeeds' | 'fails']>([
    [{ batchItemFailures: [] }, 'succeeds'],
    [{ batchItemFailures: null }, 'succeeds'],
    [{}, 'succeeds'],
    [null, 'succeeds'],
    ['', 'succeeds'],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, 'fails'],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, 'fails'],
    [{ batchItemFailures: [{ foo: 'x' }] }, 'fails'],
    [{ batchItemFailures: [{ itemIdentifier: '123' }] }, 'fails'],
  ])('with the answer %j %s', async (result, ending) => {
    const bench = await StreamBench.kinesis(() => ({ result }));
    await bench.put(['1', '2']);
    await bench.map({
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: 1,
    });
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toHaveLength(ending === 'succeeds' ? 1 : 2);
    expect(await bench.get()).toMatchObject({
      LastProcessingResult: ending === 'succeeds' ? 'OK' : 'PROBLEM: Function call failed',
    });
  });

  it('holds up only the records of its keys when the shard is worked on in parallel', async () => {
    const bench = await StreamBench.kinesis((batch) => (batch.includes('bad') ? throws() : succeeds()));
    await bench.map({ StartingPosition: 'LATEST', ParallelizationFactor: 10, BatchSize: 1 });
    await bench.put(['bad'], 'key-0');
    for (let n = 1; n < 40; n++) await bench.put([`${n}`], `key-${n}`);
    await bench.test.advance(1_000);

    const done = new Set(bench.batches.flat());
    expect(done.size).toBeGreaterThan(30);
    expect(done.size).toBeLessThan(40);
  });
});

describe('a mapping from a stream that has lost something', () => {
  it('counts a failure record that nobody takes, and goes on', async () => {
    const bench = await StreamBench.kinesis((batch) => (batch.includes('bad') ? throws() : succeeds()));
    await bench.map({
      StartingPosition: 'LATEST',
      BatchSize: 1,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:gone' } },
    });
    await bench.put(['bad', 'good']);
    await bench.test.advance(1_000);

    expect(bench.batches).toEqual([['bad'], ['good']]);
    const { Metrics } = await bench.test.call<{ Metrics: object[] }>('cloudwatch', 'ListMetrics', {
      Namespace: 'AWS/Lambda',
      MetricName: 'DestinationDeliveryFailures',
    });
    expect(Metrics).not.toEqual([]);
  });

  it('waits for its function to exist again', async () => {
    const bench = await StreamBench.kinesis();
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.test.advance(1_000);
    await bench.test.call('lambda', 'DeleteFunction', { FunctionName: 'worker' });
    await bench.put(['a']);
    await bench.test.advance(MINUTE_MS);
    expect(bench.batches).toEqual([]);

    await bench.createFunction();
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toEqual([['a']]);
  });

  it('stops when the stream is deleted', async () => {
    const bench = await StreamBench.kinesis(throws);
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.put(['bad']);
    await bench.test.advance(10_000);
    await bench.test.call('kinesis', 'DeleteStream', { StreamName: 'orders' });
    const runs = bench.batches.length;
    await bench.test.advance(HOUR_MS);

    expect(bench.batches).toHaveLength(runs);
    expect(await bench.get()).toMatchObject({ State: 'Enabled' });
  });

  it('leaves nothing behind when it is deleted itself, also in the middle of a batch', async () => {
    const store = new MapStore();
    const bench = await StreamBench.kinesis(() => ({ durationMs: 5_000 }), 1, store);
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.put(['a']);
    await bench.test.advance(1_000);
    await bench.test.call('lambda', 'DeleteEventSourceMapping', { UUID: bench.uuid });
    await bench.test.advance(MINUTE_MS);

    expect([...store.collection('lambda.stream-checkpoints').entries()]).toEqual([]);
    await expect(bench.get()).rejects.toThrow('The resource you requested does not exist.');
  });

  it('reports to a topic as well', async () => {
    const bench = await StreamBench.kinesis(throws);
    await bench.test.call('sns', 'CreateTopic', { Name: 'alerts' });
    await bench.test.call('sns', 'Subscribe', {
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:alerts',
      Protocol: 'sqs',
      Endpoint: QUEUE,
      Attributes: { RawMessageDelivery: 'true' },
    });
    await bench.test.call('sqs', 'SetQueueAttributes', {
      QueueUrl: 'http://127.0.0.1:4566/000000000000/failures',
      Attributes: {
        Policy: JSON.stringify({
          Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: QUEUE }],
        }),
      },
    });
    await bench.map({
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sns:us-east-1:000000000000:alerts' } },
    });
    await bench.put(['bad']);
    await bench.test.advance(1_000);

    expect(await bench.failures()).toMatchObject([{ requestContext: { condition: 'RetryAttemptsExhausted' } }]);
  });
});

describe('a checkpoint', () => {
  it('survives the end of the process: what was done is not done again, the rest is', async () => {
    const store = new MapStore();
    const before = await StreamBench.kinesis(() => ({ durationMs: 1_000 }), 1, store);
    await before.map({ StartingPosition: 'LATEST', BatchSize: 1 });
    await before.put(['a', 'b', 'c']);
    await before.test.advance(1_500);
    expect(before.batches).toEqual([['a'], ['b']]);

    const after = await StreamBench.resume(before, store);
    await after.test.advance(MINUTE_MS);

    expect(after.batches).toEqual([['b'], ['c']]);
  });

  it('holds while the mapping is switched off', async () => {
    const bench = await StreamBench.kinesis();
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.put(['a']);
    await bench.test.advance(1_000);
    await bench.update({ Enabled: false });
    await bench.put(['b']);
    await bench.test.advance(1_000);
    expect(bench.batches).toEqual([['a']]);

    await bench.update({ Enabled: true });
    await bench.test.advance(1_000);

    expect(bench.batches).toEqual([['a'], ['b']]);
  });

  it('keeps an update from working on a batch that is still under way', async () => {
    const bench = await StreamBench.kinesis(() => ({ durationMs: 5_000 }));
    await bench.map({ StartingPosition: 'LATEST' });
    await bench.put(['a']);
    await bench.test.advance(1_000);
    await bench.update({ ParallelizationFactor: 4 });
    await bench.put(['b']);
    await bench.test.advance(2_000);
    expect(bench.batches).toEqual([['a']]);
    await bench.test.advance(MINUTE_MS);

    expect(bench.batches).toEqual([['a'], ['b']]);
  });

  it('of several lanes is not lost when their number changes', async () => {
    const isBlocked = { now: true };
    const bench = await StreamBench.kinesis((batch) =>
      isBlocked.now && batch.includes('bad') ? throws() : succeeds(),
    );
    await bench.map({ StartingPosition: 'LATEST', ParallelizationFactor: 8, BatchSize: 1 });
    await bench.put(['bad'], 'key-0');
    for (let n = 1; n < 40; n++) await bench.put([`${n}`], `key-${n}`);
    await bench.test.advance(2_000);
    await bench.update({ ParallelizationFactor: 3 });
    isBlocked.now = false;
    await bench.test.advance(MINUTE_MS);

    const counts = new Map<string, number>();
    for (const [text = ''] of bench.batches) counts.set(text, (counts.get(text) ?? 0) + 1);
    counts.delete('bad');
    expect(counts.size).toBe(39);
    expect([...counts.values()].every((count) => count === 1)).toBe(true);
  });
});
