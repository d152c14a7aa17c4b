import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { forEachMessage, type QueueMessage } from '@holdfast/functions/middleware';
import { sqsEvent, startTestEngine } from '@holdfast/testing';
import { expect, it } from 'vitest';

it('a message that comes twice is booked once, and one that failed is booked when it comes again', async () => {
  await using aws = await startTestEngine({ environment: true });
  const awsSdkV3Client = aws.client(DynamoDBClient);
  await awsSdkV3Client.send(
    new CreateTableCommand({
      TableName: 'idempotency',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const booked: string[] = [];
  let isDown = true;
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'body' });
  const book = makeIdempotent(
    async ({ body }: QueueMessage) => {
      if (body === 'second' && isDown) throw new Error('not now');
      booked.push(body);
      return body;
    },
    { persistenceStore: new DynamoDBPersistenceLayer({ tableName: 'idempotency', awsSdkV3Client }), config },
  );
  const handler = forEachMessage((message) => book(message));
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 30_000 };
  config.registerLambdaContext(context as never);
  const event = sqsEvent([{ body: 'first' }, { body: 'second' }]);

  const answers = [await handler(event, context)];
  isDown = false;
  answers.push(await handler(event, context), await handler(event, context));

  expect(answers.map(({ batchItemFailures }) => batchItemFailures.length)).toEqual([1, 0, 0]);
  expect(booked).toEqual(['first', 'second']);
  expect((await awsSdkV3Client.send(new ScanCommand({ TableName: 'idempotency' }))).Count).toBe(2);
});
