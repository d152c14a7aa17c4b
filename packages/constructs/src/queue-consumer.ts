import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { madeFunction } from './made-function.ts';
import { retentionOf, SQS_DEFAULTS, settingsOf } from './pipeline-queue.ts';
import { type PropWarning, seconds, warn } from './prop-rules.ts';
import { checkConsumer, consumerWarnings } from './reliable-queue-rules.ts';

/** What a {@link QueueConsumer} is made from. */
export interface QueueConsumerProps {
  readonly queue: sqs.IQueue;
  readonly function: lambda.IFunction;
  /** @default 10 */
  readonly batchSize?: number;
  /** @default - none */
  readonly batchingWindow?: Duration;
  /**
   * Batches at a time, 2 to 1,000. With it pollers never run into throttles, which would cost receives.
   * @default - unbounded
   */
  readonly maxConcurrency?: number;
  /**
   * Whether the function answers with `batchItemFailures`, so that only failed messages come back.
   * @default true
   */
  readonly reportItemFailures?: boolean;
}

/** What a {@link QueueConsumer} gets when its props leave it out. */
export const QUEUE_CONSUMER_DEFAULTS = { batchSize: 10, reportItemFailures: true } as const;

/** What becomes of messages that never succeed, where that is known. */
const redriveWarnings = (queue: sqs.IQueue): readonly PropWarning[] => {
  const keptBySource = retentionOf(queue);
  if (keptBySource === undefined) return [];
  const deadLetters = (queue as sqs.Queue).deadLetterQueue?.queue;
  if (deadLetters === undefined) {
    return [
      {
        id: 'deadLetterQueue',
        message: `queue: without a dead-letter queue a message that never succeeds comes back for ${seconds(keptBySource)}, and is then deleted`,
      },
    ];
  }
  const kept = retentionOf(deadLetters);
  // Moves of FIFO queues begin anew.
  if (queue.fifo || kept === undefined || kept.toSeconds() > keptBySource.toSeconds()) return [];
  return [
    {
      id: 'deadLetterRetention',
      message: `queue: its dead-letter queue keeps messages for ${seconds(kept)}, no longer than the ${seconds(keptBySource)} of the queue itself; a move keeps their age, and old ones are deleted as they arrive`,
    },
  ];
};

/**
 * A function behind a queue: only the messages that failed come back, pollers do not run into throttles, and visibility
 * timeout and timeout of the function fit each other, which is checked where both are made in this app.
 *
 * @example
 * ```ts
 * new QueueConsumer(stack, 'Booking', { queue: orders, function: booking, batchSize: 5, maxConcurrency: 10 });
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
export class QueueConsumer extends Construct {
  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: QueueConsumerProps) {
    super(scope, id);
    const { queue, function: consumer, maxConcurrency, batchingWindow } = props;
    const batchSize = props.batchSize ?? QUEUE_CONSUMER_DEFAULTS.batchSize;
    const reportsItemFailures = props.reportItemFailures ?? QUEUE_CONSUMER_DEFAULTS.reportItemFailures;
    const made = settingsOf(queue);
    const receives = (made?.redrivePolicy as { maxReceiveCount?: number } | undefined)?.maxReceiveCount;
    const checked = {
      field: 'queue',
      visibilityTimeout: Duration.seconds(made?.visibilityTimeout ?? SQS_DEFAULTS.visibilitySeconds),
      maxReceiveCount: receives,
    };
    const known = madeFunction(consumer);
    // Of a queue from elsewhere it is not known how long it hides a message.
    const timeout = made === undefined ? undefined : known.timeout;
    const settings = { ...known, timeout, batchSize, batchingWindow, maxConcurrency, reportsItemFailures };
    checkConsumer(checked, settings);
    warn(this, [...consumerWarnings(checked, settings), ...redriveWarnings(queue)]);
    consumer.addEventSource(
      new SqsEventSource(queue, {
        batchSize,
        reportBatchItemFailures: reportsItemFailures,
        ...(batchingWindow === undefined ? {} : { maxBatchingWindow: batchingWindow }),
        ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
      }),
    );
  }
}
