import { PipelineFunction, ReliabilityAlarms, ReliableQueue, watch } from '@holdfast/constructs';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type EntryOf, handlerEntry } from './handler-entry.ts';

export interface DlqReplayStackProps extends StackProps {
  /** Messages per invocation of the consumer. @default - the context value `batchSize`, else 5 */
  readonly batchSize?: number;
  /** Retry queues, each with a longer delay and its own replay, 1 to 5. @default - the context value `tiers`, else 1 */
  readonly tiers?: number;
  /** @default - the handlers of `packages/functions` */
  readonly entryOf?: EntryOf;
}

/** Values of the pattern, as its document has them. */
export const DLQ_REPLAY = {
  queueName: 'reliable_q',
  deadLetterQueueName: 'dlq_for_reliable_q',
  producer: 'sqs-data-producer',
  consumer: 'queue-consumer',
  replay: 'queue-replay',
  batchSize: 5,
  maxAttempts: 3,
  tierDelaySeconds: 10,
} as const;

/** Lambda stops loops of more rounds, so that so many tiers may replay three times each. */
const TIERS_MAX = 5;

const wholeNumber = (field: string, given: unknown, fallback: number, max: number): number => {
  const value = Number(given ?? fallback);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`${field}: ${JSON.stringify(given)} must be a whole number from 1 to ${max}`);
};

/**
 * Orders whose consumer fails are tried again, by a retry queue that replays them with backoff; what can never be booked
 * ends in the dead-letter queue, alone.
 *
 * ```text
 * sqs-data-producer ─▶ reliable_q ─▶ queue-consumer
 *                       ▲    │ 3 receives
 *     backoff, jitter   │    ▼
 *              queue-replay ◀─ reliable_q_retry_1 ─ 5 receives ─▶ dlq_for_reliable_q
 * ```
 */
export class DlqReplayStack extends Stack {
  constructor(scope: Construct, id: string, props: DlqReplayStackProps = {}) {
    const { batchSize: givenSize, tiers: givenTiers, entryOf = handlerEntry, ...stackProps } = props;
    super(scope, id, { description: 'A queue with replay of what failed', ...stackProps });
    const context = (name: string): unknown => this.node.tryGetContext(name);
    const batchSize = wholeNumber('batchSize', givenSize ?? context('batchSize'), DLQ_REPLAY.batchSize, 10);
    const tiers = wholeNumber('tiers', givenTiers ?? context('tiers'), 1, TIERS_MAX);

    const consumer = new PipelineFunction(this, 'Consumer', {
      functionName: DLQ_REPLAY.consumer,
      entry: entryOf('queue-consumer'),
      description: 'Books orders of stores',
      timeout: Duration.seconds(1),
    });
    const orders = new ReliableQueue(this, 'Orders', {
      queueName: DLQ_REPLAY.queueName,
      deadLetterQueueName: DLQ_REPLAY.deadLetterQueueName,
      deliveryDelay: Duration.seconds(2),
      receiveWait: Duration.seconds(10),
      visibilityTimeout: Duration.seconds(10),
      maxReceiveCount: 3,
      consumer: { function: consumer.function, batchSize, maxConcurrency: 10 },
      tiers: Array.from({ length: tiers }, (_, index) => ({
        queueName: `${DLQ_REPLAY.queueName}_retry_${index + 1}`,
        deliveryDelay: Duration.seconds(DLQ_REPLAY.tierDelaySeconds * (index + 1)),
        visibilityTimeout: Duration.seconds(60),
        maxReceiveCount: 5,
        replay: {
          functionName: index === 0 ? DLQ_REPLAY.replay : `${DLQ_REPLAY.replay}-${index + 1}`,
          // Replays are counted in the message, over all tiers.
          maxAttempts: DLQ_REPLAY.maxAttempts * (index + 1),
          // The producer says so of every order; without it no consumer will ever book one. Retried all the same: the
          // pattern is about telling the two apart by trying.
          baseDelay: Duration.seconds(2),
        },
      })),
    });
    const producer = new PipelineFunction(this, 'Producer', {
      functionName: DLQ_REPLAY.producer,
      entry: entryOf('sqs-producer'),
      description: 'Sends bursts of orders, some of them without their store',
      timeout: Duration.minutes(15),
      environment: { QUEUE_URL: orders.source.queueUrl },
    });
    producer.allow('SendOrders', ['sqs:SendMessage'], [orders.source.queueArn]);

    new ReliabilityAlarms(this, 'Alarms', {
      alerts: new sns.Topic(this, 'Alerts', { topicName: 'dlq-replay-alerts', enforceSSL: true }),
      watched: {
        DeadLetters: watch.deadLetters(orders.deadLetterQueue, {
          alarmName: `${DLQ_REPLAY.deadLetterQueueName}-depth`,
        }),
        Backlog: watch.backlog(orders.source, { alarmName: `${DLQ_REPLAY.queueName}-backlog` }),
      },
    });

    new CfnOutput(this, 'ReliableMessageQueue', { value: orders.source.queueUrl });
    new CfnOutput(this, 'DeadLetterQueue', { value: orders.deadLetterQueue.queueUrl });
    new CfnOutput(this, 'SqsDataProducer', { value: producer.function.functionName });
    new CfnOutput(this, 'MsgConsumer', { value: consumer.function.functionName });
  }
}
