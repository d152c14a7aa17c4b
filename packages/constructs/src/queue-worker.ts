import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
import { pipelineQueue } from './pipeline-queue.ts';
import { warn } from './prop-rules.ts';
import { checkConsumer, consumerWarnings } from './reliable-queue-rules.ts';

/** What a {@link QueueWorker} is made from. */
export interface QueueWorkerProps {
  /** Name of the queue; its dead-letter queue is `<name>-dlq`. */
  readonly queueName: string;
  /** The function behind the queue. It must answer with `batchItemFailures`. */
  readonly worker: PipelineFunctionProps;
  /**
   * Receives before a message goes to the dead-letter queue. AWS advises 5 or more, so that throttled polls do not
   * bury healthy messages.
   * @default 5
   */
  readonly maxReceiveCount?: number;
  /** @default 10 */
  readonly batchSize?: number;
}

/** What a {@link QueueWorker} gets when its props leave it out. */
export const QUEUE_WORKER_DEFAULTS = {
  maxReceiveCount: 5,
  batchSize: 10,
  retention: Duration.days(4),
  deadLetterRetention: Duration.days(14),
  receiveWait: Duration.seconds(20),
  /** AWS's advice: room for the retries of a throttled poller. */
  visibilityPerTimeout: 6,
} as const;

/**
 * A function that works through a queue: one bad message is retried alone and then set aside, the rest of its batch
 * is done.
 *
 * `MaximumConcurrency` of the mapping equals the function's reserved concurrency: pollers never run into throttles,
 * which would cost receives.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class QueueWorker extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetterQueue: sqs.Queue;
  readonly worker: PipelineFunction;

  constructor(scope: Construct, id: string, props: QueueWorkerProps) {
    super(scope, id);
    this.worker = new PipelineFunction(this, 'Worker', props.worker);
    const maxReceiveCount = props.maxReceiveCount ?? QUEUE_WORKER_DEFAULTS.maxReceiveCount;
    const { timeout, reservedConcurrency: maxConcurrency } = this.worker;
    const visibilityTimeout = Duration.seconds(timeout.toSeconds() * QUEUE_WORKER_DEFAULTS.visibilityPerTimeout);
    const batchSize = props.batchSize ?? QUEUE_WORKER_DEFAULTS.batchSize;
    const consumer = { timeout, batchSize, batchingWindow: undefined, maxConcurrency, reportsItemFailures: true };
    const consumed = { field: 'queue', visibilityTimeout, maxReceiveCount };
    checkConsumer(consumed, consumer);
    warn(this, consumerWarnings(consumed, consumer));
    this.deadLetterQueue = pipelineQueue(this, 'DeadLetters', {
      queueName: `${props.queueName}-dlq`,
      retentionPeriod: QUEUE_WORKER_DEFAULTS.deadLetterRetention,
    });
    this.queue = pipelineQueue(this, 'Queue', {
      queueName: props.queueName,
      retentionPeriod: QUEUE_WORKER_DEFAULTS.retention,
      visibilityTimeout,
      receiveMessageWaitTime: QUEUE_WORKER_DEFAULTS.receiveWait,
      deadLetterQueue: {
        queue: this.deadLetterQueue,
        maxReceiveCount,
      },
    });
    this.worker.allow(
      'WorkThroughQueue',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      [this.queue.queueArn],
    );
    new lambda.CfnEventSourceMapping(this, 'Mapping', {
      functionName: this.worker.function.functionName,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      functionResponseTypes: ['ReportBatchItemFailures'],
      ...(this.worker.reservedConcurrency === undefined
        ? {}
        : { scalingConfig: { maximumConcurrency: this.worker.reservedConcurrency } }),
    });
  }

  /** Lets `sender` put messages into the queue. */
  allowSend(sender: PipelineFunction): void {
    sender.allow(`SendTo${this.node.id}`, ['sqs:SendMessage'], [this.queue.queueArn]);
  }
}
