import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalEngine } from './index.ts';

let local: LocalEngine;
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0 });
});
afterAll(() => local.close());

const settings = () => ({
  endpoint: local.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});

describe('the Kinesis client of the SDK, which speaks HTTP/2 without encryption', () => {
  test('puts records and reads them back as they were', async () => {
    const kinesis = new KinesisClient(settings());
    const StreamName = 'orders';
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    const Data = new Uint8Array([0, 1, 255]);

    const put = await kinesis.send(new PutRecordCommand({ StreamName, Data, PartitionKey: 'k' }));
    await kinesis.send(
      new PutRecordsCommand({
        StreamName,
        Records: Array.from({ length: 500 }, (_, n) => ({ Data: Buffer.from(`record ${n}`), PartitionKey: 'k' })),
      }),
    );
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName, ShardId: put.ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records = [], MillisBehindLatest } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));

    expect(Records).toHaveLength(501);
    expect(Records[0]).toMatchObject({ PartitionKey: 'k', SequenceNumber: put.SequenceNumber });
    expect([...(Records[0]?.Data ?? [])]).toEqual([0, 1, 255]);
    expect(Records[0]?.ApproximateArrivalTimestamp).toBeInstanceOf(Date);
    expect(Buffer.from(Records[500]?.Data ?? []).toString()).toBe('record 499');
    expect(MillisBehindLatest).toBe(0);
    kinesis.destroy();
  });

  test('gets the errors of the service', async () => {
    const kinesis = new KinesisClient(settings());

    const answer = kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'nothing' }));

    await expect(answer).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream nothing under account 000000000000 not found.',
    });
    kinesis.destroy();
  });
});
