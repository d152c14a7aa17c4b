import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { TakeOver } from './take-over.ts';

/** How much lies where: what a handler did shows in what is there afterwards. */
export type Counts = ReadonlyMap<string, number>;

/** Counts what lies in everything that was taken over. */
export const countEffects = async ({ target, queues, tables, buckets }: TakeOver): Promise<Counts> => {
  const counts = new Map<string, number>();
  const sqs = new SQSClient(target);
  for (const QueueName of queues) {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const { Attributes: attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    const there = ['', 'NotVisible', 'Delayed'].map((state) =>
      Number((attributes as Readonly<Record<string, string>>)[`ApproximateNumberOfMessages${state}`]),
    );
    counts.set(
      `messages in queue ${QueueName}`,
      there.reduce((sum, count) => sum + count, 0),
    );
  }
  const dynamodb = new DynamoDBClient(target);
  for (const TableName of tables) {
    const { Count = 0 } = await dynamodb.send(new ScanCommand({ TableName, Select: 'COUNT' }));
    counts.set(`items in table ${TableName}`, Count);
  }
  const s3 = new S3Client({ ...target, forcePathStyle: true });
  for (const Bucket of buckets) {
    const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket }));
    counts.set(`objects in bucket ${Bucket}`, KeyCount);
  }
  return counts;
};

/** `+2 items in table products` for whatever changed. */
export const effectsBetween = (before: Counts, after: Counts): readonly string[] =>
  [...after].flatMap(([what, count]) => {
    const change = count - (before.get(what) ?? 0);
    return change === 0 ? [] : [`${change > 0 ? '+' : ''}${change} ${what}`];
  });
