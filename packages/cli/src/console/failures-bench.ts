import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import type { SQS } from '@aws-sdk/client-sqs';
import { archiveOf } from '../../../local/src/testing/archive.ts';
import { ANY_CREDENTIALS } from '../target.ts';

/**
 * Gives up so many messages of a queue into its dead-letter queue.
 *
 * @returns ARN of the dead-letter queue
 */
export const seedFailures = async (sqs: SQS, count: number, name = 'csv-parser'): Promise<string> => {
  const { QueueUrl: deadLetters } = await sqs.createQueue({ QueueName: `${name}-dlq` });
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: deadLetters, AttributeNames: ['QueueArn'] });
  const deadLetterTargetArn = Attributes?.['QueueArn'] ?? '';
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  const { QueueUrl } = await sqs.createQueue({
    QueueName: name,
    Attributes: { RedrivePolicy, VisibilityTimeout: '0' },
  });
  for (let number = 0; number < count; number += 1) {
    await sqs.sendMessage({ QueueUrl, MessageBody: JSON.stringify({ vendor: '', file: `products-${number}.csv` }) });
  }
  // Each is received once, and given up at the second try.
  for (let tries = 0; tries < count * 2; tries += 1) await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
  return deadLetterTargetArn;
};

const BOOK = `export const handler = async ({ id, price }) => {
  if (price === null) throw new TypeError('price of ' + id + ' is null');
};`;

/** A traced function that fails at an event, and gives it up into a queue. */
export const failTraced = async (endpoint: string, sqs: SQS): Promise<void> => {
  const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS });
  const FunctionName = 'book';
  await sqs.createQueue({ QueueName: 'book-failed' });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/book',
      Code: { ZipFile: archiveOf({ 'index.mjs': BOOK }) },
      TracingConfig: { Mode: 'Active' },
    }),
  );
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:book-failed' } },
    }),
  );
  const Payload = JSON.stringify({ id: 4711, price: null });
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
};
