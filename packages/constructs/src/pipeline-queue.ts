import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { InvalidPropError } from './prop-rules.ts';

/** What a queue of a pipeline is made from, beside what all of them have. */
export type PipelineQueueProps = Omit<
  sqs.QueueProps,
  'encryption' | 'encryptionMasterKey' | 'enforceSSL' | 'removalPolicy'
> & {
  /** @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey | undefined;
};

/** @throws InvalidPropError for a name that SQS refuses; one that was made of another's too */
const checkName = (name: string | undefined): void => {
  if (name === undefined || Token.isUnresolved(name) || /^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(name)) return;
  throw new InvalidPropError(
    'queueName',
    JSON.stringify(name),
    'must be 1 to 80 letters, digits, hyphens and underscores, with the .fifo of a FIFO queue',
  );
};

/** A queue as all of ours are: encrypted, TLS only, and it outlives its stack. */
export const pipelineQueue = (
  scope: Construct,
  id: string,
  { encryptionKey, ...props }: PipelineQueueProps,
): sqs.Queue => {
  checkName(props.queueName);
  return new sqs.Queue(scope, id, {
    ...props,
    ...(encryptionKey === undefined
      ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
      : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: encryptionKey }),
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
};

/** What SQS takes where a queue says nothing. */
export const SQS_DEFAULTS = { visibilitySeconds: 30, retentionSeconds: 345_600 } as const;

/** Of a queue that is made in this app; of one from elsewhere nothing is known. */
export const settingsOf = (queue: sqs.IQueue): sqs.CfnQueue | undefined =>
  queue instanceof sqs.Queue ? (queue.node.defaultChild as sqs.CfnQueue) : undefined;

/** How long a queue that is made in this app keeps messages. */
export const retentionOf = (queue: sqs.IQueue): Duration | undefined => {
  const made = settingsOf(queue);
  return made && Duration.seconds(made.messageRetentionPeriod ?? SQS_DEFAULTS.retentionSeconds);
};
