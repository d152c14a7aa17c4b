import { randomUUID } from 'node:crypto';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { createQueueRedrive, DynamoDbJobStore, type JobTime, type RedriveDesk, type Target } from '@holdfast/ledger';
import type { Ambient } from '../ambient.ts';
import { type Environment, optionalText, requiredText } from '../environment.ts';
import { correlationAttributes } from '../middleware/correlation.ts';
import type { RedriveApiDeps } from './create-redrive.ts';

const timeOf = ({ now, after }: Ambient): JobTime => ({
  now,
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const cancel = after(ms, resolve);
      signal.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    }),
});

/** Whom functions talk to: AWS, or what stands in for it. */
const targetIn = (environment: Environment): Target => {
  const endpoint = optionalText(environment, 'AWS_ENDPOINT_URL');
  return { region: requiredText(environment, 'AWS_REGION'), ...(endpoint === undefined ? {} : { endpoint }) };
};

export interface RedriveParts extends Pick<RedriveApiDeps, 'audit' | 'call' | 'deadLetterQueue'> {
  readonly desk: RedriveDesk;
}

/** Jobs in a table, and the queue by which functions are called to work on them. */
export const redriveParts = (
  environment: Environment,
  ambient: Ambient,
  sqs: Pick<SQSClient, 'send'>,
): RedriveParts => {
  const target = targetIn(environment);
  const jobs = new DynamoDbJobStore(target, requiredText(environment, 'REDRIVE_TABLE'), randomUUID);
  const QueueUrl = requiredText(environment, 'REDRIVE_QUEUE_URL');
  return {
    deadLetterQueue: requiredText(environment, 'DEAD_LETTER_QUEUE_ARN'),
    audit: (jobId) => jobs.audit(jobId),
    call: async (jobId, DelaySeconds = 0) => {
      const MessageBody = JSON.stringify({ jobId });
      const MessageAttributes = correlationAttributes();
      await sqs.send(new SendMessageCommand({ QueueUrl, DelaySeconds, MessageBody, MessageAttributes }));
    },
    desk: createQueueRedrive({
      target,
      // Another endpoint that has no look of ours is looked at by receives, as AWS is.
      isEngine: target.endpoint !== undefined,
      jobs,
      time: timeOf(ambient),
      random: ambient.random,
      newId: randomUUID,
    }),
  };
};
