import { Duration } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FailingFunction, KEY_ACTIONS, keyArns } from './failing-function.ts';
import { checkStandard } from './failure-destination.ts';
import { pipelineQueue } from './pipeline-queue.ts';
import { checkDuration, checkWhole } from './prop-rules.ts';

/** What an {@link OnFailureQueue} is made from. */
export interface OnFailureQueueProps {
  /** The function whose asynchronous events must not get lost. */
  readonly target: FailingFunction;
  /** A standard queue of one's own. @default - a queue is made */
  readonly queue?: sqs.IQueue;
  /** Name of the queue that is made. @default '<function name>-dlq' */
  readonly queueName?: string;
  /** Encrypts the queue that is made here. @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey;
  /**
   * Retries of Lambda itself after a function error, 0 to 2.
   * @default 0
   */
  readonly retryAttempts?: number;
  /**
   * How long a throttled event waits inside Lambda before it is given to the queue, 60 s to 6 h.
   * @default Duration.seconds(60)
   */
  readonly maxEventAge?: Duration;
  /**
   * How long a reader holds a message.
   * @default Duration.seconds(300)
   */
  readonly visibilityTimeout?: Duration;
}

/** What an {@link OnFailureQueue} gets when its props leave it out. */
export const ON_FAILURE_QUEUE_DEFAULTS = {
  retryAttempts: 0,
  maxEventAge: Duration.seconds(60),
  visibilityTimeout: Duration.seconds(300),
  /** The most that SQS offers: time for people to notice. */
  retention: Duration.days(14),
  receiveWait: Duration.seconds(20),
} as const;

/**
 * Catches every asynchronous event that a function could not take: throttled until the event was too old, or failed.
 *
 * It is an on-failure destination and not a dead-letter config: the record then carries the reason and the attempts,
 * where a dead-letter config keeps the bare event.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export class OnFailureQueue extends Construct {
  readonly queue: sqs.IQueue;
  readonly queueName: string;
  readonly target: FailingFunction;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: OnFailureQueueProps) {
    super(scope, id);
    this.target = props.target;
    const retryAttempts = props.retryAttempts ?? ON_FAILURE_QUEUE_DEFAULTS.retryAttempts;
    const maxEventAge = props.maxEventAge ?? ON_FAILURE_QUEUE_DEFAULTS.maxEventAge;
    checkWhole('retryAttempts', retryAttempts, 0, 2, ': more are for mappings of streams');
    checkDuration('maxEventAge', maxEventAge, Duration.seconds(60), Duration.hours(6), ": a day is EventBridge's");
    checkStandard('queue', props.queue);
    this.queueName = props.queue?.queueName ?? props.queueName ?? `${props.target.functionName}-dlq`;
    this.queue =
      props.queue ??
      pipelineQueue(this, 'Queue', {
        queueName: this.queueName,
        retentionPeriod: ON_FAILURE_QUEUE_DEFAULTS.retention,
        visibilityTimeout: props.visibilityTimeout ?? ON_FAILURE_QUEUE_DEFAULTS.visibilityTimeout,
        receiveMessageWaitTime: ON_FAILURE_QUEUE_DEFAULTS.receiveWait,
        encryptionKey: props.encryptionKey,
      });
    props.target.allow('SendToOnFailureQueue', ['sqs:SendMessage'], [this.queue.queueArn]);
    const keys = keyArns(this.queue.encryptionMasterKey);
    if (keys.length > 0) props.target.allow('EncryptForOnFailureQueue', KEY_ACTIONS, keys);
    new lambda.CfnEventInvokeConfig(this, 'EventInvokeConfig', {
      functionName: props.target.function.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: retryAttempts,
      maximumEventAgeInSeconds: maxEventAge.toSeconds(),
      destinationConfig: { onFailure: { destination: this.queue.queueArn } },
    });
  }
}
