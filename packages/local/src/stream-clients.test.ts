import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand as DescribeTableStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand as GetTableRecordsCommand,
  GetShardIteratorCommand as GetTableShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  it('puts records and reads them back as they were', async () => {
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

  it('gets the errors of the service', async () => {
    const kinesis = new KinesisClient(settings());

    const answer = kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'nothing' }));

    await expect(answer).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Stream nothing under account 000000000000 not found.',
    });
    kinesis.destroy();
  });
});

describe('the DynamoDB Streams client of the SDK', () => {
  it('reads the changes of a table', async () => {
    const dynamodb = new DynamoDBClient(settings());
    const streams = new DynamoDBStreamsClient(settings());
    const { TableDescription } = await dynamodb.send(
      new CreateTableCommand({
        TableName: 'orders',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
    );
    const StreamArn = TableDescription?.LatestStreamArn;
    const Item = { id: { S: 'a' }, raw: { B: new Uint8Array([0, 255]) } };
    await dynamodb.send(new PutItemCommand({ TableName: 'orders', Item }));

    const { StreamDescription } = await streams.send(new DescribeTableStreamCommand({ StreamArn }));
    const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
    const { ShardIterator } = await streams.send(
      new GetTableShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records } = await streams.send(new GetTableRecordsCommand({ ShardIterator }));

    expect(StreamDescription?.StreamStatus).toBe('ENABLED');
    expect(Records).toMatchObject([{ eventName: 'INSERT', dynamodb: { Keys: { id: { S: 'a' } } } }]);
    expect([...(Records?.[0]?.dynamodb?.NewImage?.['raw']?.B ?? [])]).toEqual([0, 255]);
    expect(Records?.[0]?.dynamodb?.ApproximateCreationDateTime).toBeInstanceOf(Date);
  });
});

describe('a stream, a real function and a failure queue', () => {
  it('go on after a restart where they were, with the poison record told of once', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-streams-'));
    const code = join(directory, 'code');
    const dataDir = join(directory, 'state');
    let running: LocalEngine | undefined;
    try {
      mkdirSync(code);
      const seen = join(directory, 'seen');
      writeFileSync(
        join(code, 'index.mjs'),
        `import { appendFileSync } from 'node:fs';
export const handler = async ({ Records }) => {
  const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
  appendFileSync(${JSON.stringify(seen)}, texts.join(' ') + '\\n');
  const bad = Records.find((_, index) => texts[index] === 'bad');
  return { batchItemFailures: bad === undefined ? [] : [{ itemIdentifier: bad.kinesis.sequenceNumber }] };
};
`,
      );
      running = await LocalEngine.start({ port: 0, dataDir });
      const clients = () => {
        const common = { ...settings(), endpoint: running?.endpoint ?? '' };
        return { kinesis: new KinesisClient(common), lambda: new LambdaClient(common), sqs: new SQSClient(common) };
      };
      const { kinesis, lambda, sqs } = clients();
      await kinesis.send(new CreateStreamCommand({ StreamName: 'clicks', ShardCount: 1 }));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'failures' }));
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName: 'worker',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/runner',
          Code: { S3Bucket: 'hot-reload', S3Key: code },
        }),
      );
      await lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'worker',
          EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/clicks',
          StartingPosition: 'LATEST',
          BatchSize: 1,
          MaximumRetryAttempts: 0,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:failures' } },
        }),
      );
      const put = async (client: KinesisClient, text: string) => {
        await client.send(new PutRecordCommand({ StreamName: 'clicks', Data: Buffer.from(text), PartitionKey: 'k' }));
      };
      const lines = (): string[] => {
        try {
          return readFileSync(seen, 'utf8').trim().split('\n');
        } catch {
          return [];
        }
      };

      for (const text of ['a', 'bad', 'b']) await put(kinesis, text);
      await expect.poll(lines, { timeout: 20_000 }).toEqual(['a', 'bad', 'b']);
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
      kinesis.destroy();
      await running.close();
      running = await LocalEngine.start({ port: 0, dataDir });
      const { kinesis: again } = clients();
      await put(again, 'c');

      await expect.poll(lines, { timeout: 20_000 }).toEqual(['a', 'bad', 'b', 'c']);
      expect(Messages).toHaveLength(1);
      expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
        requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
        KinesisBatchInfo: { batchSize: 1 },
      });
      again.destroy();
    } finally {
      await running?.close();
      rmSync(directory, { recursive: true, force: true });
    }
  }, 60_000);
});
