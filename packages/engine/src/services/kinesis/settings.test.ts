import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const StreamName = 'orders';
const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
const call = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('kinesis', action, input);

const withStream = async (): Promise<TestEngine> => {
  const test = new TestEngine();
  await call(test, 'CreateStream', { StreamName, ShardCount: 1 });
  return test;
};
const summaryOf = async (test: TestEngine) =>
  (await call<{ StreamDescriptionSummary: object }>(test, 'DescribeStreamSummary', { StreamName }))
    .StreamDescriptionSummary;

it('records are kept as long as was said last, and what is older goes at once', async () => {
  const test = await withStream();
  await call(test, 'IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 48 });
  await call(test, 'PutRecord', { StreamName, PartitionKey: 'k', Data: new Uint8Array([1]) });
  await test.advance(30 * 3_600_000);
  const count = async (): Promise<number> => {
    const { ShardIterator } = await call<{ ShardIterator: string }>(test, 'GetShardIterator', {
      StreamName,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    return (await call<{ Records: object[] }>(test, 'GetRecords', { ShardIterator })).Records.length;
  };
  expect(await count()).toBe(1);

  await expect(
    call(test, 'DecreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 72 }),
  ).rejects.toMatchObject({ code: 'InvalidArgumentException' });
  await call(test, 'DecreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 24 });

  expect(await summaryOf(test)).toMatchObject({ RetentionPeriodHours: 24 });
  expect(await count()).toBe(0);
});

it('encryption begins with a key and ends when it is told with which', async () => {
  const test = await withStream();
  const key = { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' };
  await call(test, 'StartStreamEncryption', key);
  expect(await summaryOf(test)).toMatchObject({ EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });

  await expect(call(test, 'StopStreamEncryption', { StreamName })).rejects.toMatchObject({
    code: 'ValidationException',
    message: expect.stringContaining("at 'encryptionType' failed to satisfy constraint: Member must not be null"),
  });
  await call(test, 'StopStreamEncryption', key);

  expect(await summaryOf(test)).toMatchObject({ EncryptionType: 'NONE' });
});

it('the mode of a stream changes, and leaves its shards', async () => {
  const test = await withStream();
  await call(test, 'UpdateStreamMode', { StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  expect(await summaryOf(test)).toMatchObject({ StreamModeDetails: { StreamMode: 'ON_DEMAND' }, OpenShardCount: 1 });
  await expect(call(test, 'UpdateStreamMode', { StreamARN })).rejects.toMatchObject({ code: 'ValidationException' });
});
