import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FailingFunction } from './failing-function.ts';

/** What an {@link OnFailureQueue} is made from. */
export interface OnFailureQueueProps {
  /** The function whose asynchronous events must not get lost. */
  readonly target: FailingFunction;
  /** @default '<function name>-dlq' */
  readonly queueName?: string;
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
  readonly queue: sqs.Queue;
  readonly queueName: string;
  readonly target: FailingFunction;

  constructor(scope: Construct, id: string, props: OnFailureQueueProps) {
    super(scope, id);
    this.target = props.target;
    this.queueName = props.queueName ?? `${props.target.functionName}-dlq`;
    this.queue = new sqs.Queue(this, 'Queue', {
      queueName: this.queueName,
      retentionPeriod: ON_FAILURE_QUEUE_DEFAULTS.retention,
      visibilityTimeout: props.visibilityTimeout ?? ON_FAILURE_QUEUE_DEFAULTS.visibilityTimeout,
      receiveMessageWaitTime: ON_FAILURE_QUEUE_DEFAULTS.receiveWait,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    props.target.allow('SendToOnFailureQueue', ['sqs:SendMessage'], [this.queue.queueArn]);
    new lambda.CfnEventInvokeConfig(this, 'EventInvokeConfig', {
      functionName: props.target.function.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: props.retryAttempts ?? ON_FAILURE_QUEUE_DEFAULTS.retryAttempts,
      maximumEventAgeInSeconds: (props.maxEventAge ?? ON_FAILURE_QUEUE_DEFAULTS.maxEventAge).toSeconds(),
      destinationConfig: { onFailure: { destination: this.queue.queueArn } },
    });
  }
}
