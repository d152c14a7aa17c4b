import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { lastNameIn } from '@holdfast/aws-model';
import type { Delivery } from './delivery.ts';
import type { SendOutcome } from './redrive-ports.ts';
import type { Target } from './target.ts';

/** Sends once. @returns what the target calls it from now on */
export type SendTo = (delivery: Delivery) => Promise<string>;

const THROTTLED = /Throttl|TooManyRequests|RequestThrottled|ProvisionedThroughputExceeded|LimitExceeded|SlowDown/;

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** A service that answered with 4xx has taken nothing; without an answer, or with 5xx, nobody knows. */
const outcomeOf = (thrown: unknown): SendOutcome => {
  const { name, message, $metadata } = thrown as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  const error = `${name}: ${message}`;
  if (THROTTLED.test(name) || status === 429) return { taken: false, outcome: 'slow down', error };
  // What the SDK refuses by itself was never sent.
  const isCertain = (status >= 400 && status < 500) || name === 'CredentialsProviderError';
  return { taken: false, outcome: isCertain ? 'refused' : 'unclear', error };
};

/** How a send ended, whatever became of it. */
export const sentBy = async (send: SendTo, delivery: Delivery): Promise<SendOutcome> => {
  try {
    return { taken: true, proof: await send(delivery) };
  } catch (error) {
    return outcomeOf(error);
  }
};

/** Sends to queues of AWS or an engine, each delivery once: a retry of the SDK's own could send twice without a word. */
export const sendToQueues = (target: Target): SendTo => {
  const sqs = new SQSClient({ ...target, maxAttempts: 1 });
  const queueUrls = new Map<string, Promise<string>>();

  const queueUrl = (arn: string): Promise<string> => {
    const known = queueUrls.get(arn);
    if (known !== undefined) return known;
    const QueueOwnerAWSAccountId = arn.split(':')[4];
    const asked = sqs
      .send(new GetQueueUrlCommand({ QueueName: lastNameIn(arn), QueueOwnerAWSAccountId }))
      .then(({ QueueUrl = '' }) => QueueUrl);
    queueUrls.set(arn, asked);
    // A failed look-up is asked again.
    asked.catch(() => queueUrls.delete(arn));
    return asked;
  };

  return async ({ arn, body, attributes, groupId, deduplicationId, traceHeader, delaySeconds }) => {
    const { MessageId = '' } = await sqs.send(
      new SendMessageCommand({
        QueueUrl: await queueUrl(arn),
        MessageBody: body,
        DelaySeconds: delaySeconds,
        MessageAttributes: { ...attributes },
        MessageGroupId: groupId,
        MessageDeduplicationId: deduplicationId,
        ...(traceHeader === undefined
          ? {}
          : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } } }),
      }),
    );
    return MessageId;
  };
};
