import type { SQS } from '@aws-sdk/client-sqs';

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
