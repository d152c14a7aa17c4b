import { Annotations, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { KEY_ACTIONS, keyArns } from './failing-function.ts';
import { failureQueue } from './failure-destination.ts';
import { madeFunction } from './made-function.ts';
import { ownHandler } from './own-handler.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { pipelineQueue } from './pipeline-queue.ts';
import { checkDuration, checkWhole, InvalidPropError, seconds, warn } from './prop-rules.ts';
import { QueueConsumer } from './queue-consumer.ts';
import type { ReliableQueueConsumer } from './reliable-queue.ts';
import { type WatchedMetric, watch } from './watched-metric.ts';

/** What an {@link ExpiringQueue} is made from. */
export interface ExpiringQueueProps {
  readonly queueName: string;
  /** Age at which SQS deletes a message, 60 s to 14 days. @default Duration.days(4) */
  readonly retention?: Duration;
  /** How long a received message is hidden, which is the time between two tries. @default - six timeouts of the consumer, or 30 s */
  readonly visibilityTimeout?: Duration;
  /** Who works through the queue. It gets `KEEP_QUEUE_URL` and `MAX_AGE_SECONDS`, if it is made in this app, and may send there. */
  readonly consumer: Omit<ReliableQueueConsumer, 'reportItemFailures'>;
  /** @default '<queue>-kept' */
  readonly keptQueueName?: string;
  /** Name of the function that keeps what no consumer gets. @default '<queue>-reaper' */
  readonly reaperName?: string;
  /** @default Duration.minutes(5) */
  readonly reapEvery?: Duration;
  /** Share of the retention after which people are told, below `keepAt`. @default 0.5 */
  readonly tellAt?: number;
  /** Share of the retention after which a message is kept, below 1. @default 0.75 */
  readonly keepAt?: number;
  /** Encrypts both queues. @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey;
}

/** What an {@link ExpiringQueue} gets when its props leave it out. */
export const EXPIRING_QUEUE_DEFAULTS = {
  retention: Duration.days(4),
  visibilityTimeout: Duration.seconds(30),
  visibilityPerTimeout: 6,
  reapEvery: Duration.minutes(5),
  tellAt: 0.5,
  keepAt: 0.75,
} as const;

const checkShares = (tellAt: number, keepAt: number): void => {
  if (!(keepAt > 0 && keepAt < 1)) throw new InvalidPropError('keepAt', keepAt, 'must be above 0 and below 1');
  if (!(tellAt > 0 && tellAt < keepAt))
    throw new InvalidPropError('tellAt', tellAt, `must be above 0 and below ${keepAt}, the keepAt`);
};

/**
 * A queue that tries each message until it expires, and loses none: it has no redrive policy, so that no number of receives
 * ends a try, and what would be deleted in silence is kept in another queue before.
 *
 * The consumer keeps what it fails with: `forEachMessage` with `keep` does it. A reaper, on a schedule, keeps what no consumer
 * gets; the others it never sees, because pollers take a message in the moment it becomes visible again. Both tell the age of
 * the oldest message, which SQS's own metric leaves out once it was received three times; {@link watched} has the alarms.
 *
 * @example
 * ```ts
 * const orders = new ExpiringQueue(stack, 'Orders', { queueName: 'orders', consumer: { function: booking, maxConcurrency: 10 } });
 * new ReliabilityAlarms(stack, 'Alarms', { alerts: topic, watched: orders.watched });
 * ```
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export class ExpiringQueue extends Construct {
  readonly queue: sqs.Queue;
  /** What would have expired. */
  readonly keptQueue: sqs.Queue;
  readonly reaper: PipelineFunction;
  /** For {@link ReliabilityAlarms}: that a message will expire unless it succeeds or is kept, and that some were kept. */
  readonly watched: Readonly<Record<'AboutToExpire' | 'Kept', WatchedMetric>>;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: ExpiringQueueProps) {
    super(scope, id);
    const { queueName, consumer, encryptionKey } = props;
    const isFifo = queueName.endsWith('.fifo');
    const beside = (suffix: string): string => `${queueName.replace(/\.fifo$/, '')}${suffix}`;
    const retention = props.retention ?? EXPIRING_QUEUE_DEFAULTS.retention;
    const tellAt = props.tellAt ?? EXPIRING_QUEUE_DEFAULTS.tellAt;
    const keepAt = props.keepAt ?? EXPIRING_QUEUE_DEFAULTS.keepAt;
    const every = props.reapEvery ?? EXPIRING_QUEUE_DEFAULTS.reapEvery;
    checkShares(tellAt, keepAt);
    checkWhole('reapEvery', every.toSeconds() / 60, 1, 1_440, ': minutes, as schedules have them');
    checkDuration('retention', retention, Duration.minutes(1), Duration.days(14));
    const visibilityTimeout = props.visibilityTimeout ?? this.#visibilityFor(consumer.function);
    const keptAfter = Math.floor(retention.toSeconds() * keepAt);
    const left = retention.toSeconds() - keptAfter;
    if (left <= Math.max(every.toSeconds(), visibilityTimeout.toSeconds())) {
      const field = every.toSeconds() > visibilityTimeout.toSeconds() ? 'reapEvery' : 'visibilityTimeout';
      const value = seconds(field === 'reapEvery' ? every : visibilityTimeout);
      throw new InvalidPropError(
        field,
        value,
        `must be below ${left} s, the time between keepAt and the retention: a message would expire in it`,
      );
    }

    const keptQueueName = props.keptQueueName ?? `${beside('-kept')}${isFifo ? '.fifo' : ''}`;
    if (keptQueueName.endsWith('.fifo') !== isFifo || keptQueueName === queueName) {
      throw new InvalidPropError(
        'keptQueueName',
        keptQueueName,
        `must be another queue of the same type as ${queueName}`,
      );
    }
    this.keptQueue = failureQueue(this, 'Kept', keptQueueName, encryptionKey);
    this.queue = pipelineQueue(this, 'Queue', {
      queueName,
      ...(isFifo ? { fifo: true } : {}),
      visibilityTimeout,
      retentionPeriod: retention,
      encryptionKey,
    });
    const keeps = { KEEP_QUEUE_URL: this.keptQueue.queueUrl, MAX_AGE_SECONDS: String(keptAfter) };
    this.#consume(consumer, keeps);
    this.reaper = this.#reap(props.reaperName ?? beside('-reaper'), every, keeps);
    const age = new cloudwatch.Metric({
      namespace: 'Holdfast',
      metricName: 'UnprocessedMessageAge',
      dimensionsMap: { QueueName: queueName },
      period: Duration.minutes(5),
      statistic: 'Maximum',
    });
    this.watched = {
      AboutToExpire: watch.metric(age, `A message of ${queueName} will be deleted unless it succeeds or is kept`, {
        alarmName: `${queueName}-age`,
        threshold: Math.floor(retention.toSeconds() * tellAt),
        comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      }),
      Kept: watch.deadLetters(this.keptQueue, {
        alarmName: `${keptQueueName}-depth`,
        description: `Messages of ${queueName} were kept before they expired`,
      }),
    };
  }

  #visibilityFor(consumer: lambda.IFunction): Duration {
    const { timeout } = madeFunction(consumer);
    return timeout === undefined
      ? EXPIRING_QUEUE_DEFAULTS.visibilityTimeout
      : Duration.seconds(timeout.toSeconds() * EXPIRING_QUEUE_DEFAULTS.visibilityPerTimeout);
  }

  #consume(consumer: ExpiringQueueProps['consumer'], keeps: Readonly<Record<string, string>>): void {
    const { function: target } = consumer;
    if (target instanceof lambda.Function) {
      for (const [name, value] of Object.entries(keeps)) target.addEnvironment(name, value);
    } else {
      warn(this, [
        {
          id: 'keep',
          message:
            'consumer.function: it is not made here, so KEEP_QUEUE_URL and MAX_AGE_SECONDS are not set: what it fails with expires unless it keeps it otherwise',
        },
      ]);
    }
    // Of a function that is known by its ARN nobody knows the role; CDK warns of that itself.
    if (target.role !== undefined) this.keptQueue.grantSendMessages(target);
    const mapping = new QueueConsumer(this, 'Consumer', { ...consumer, queue: this.queue });
    // It has another end for what never succeeds.
    Annotations.of(mapping).acknowledgeWarning('@holdfast/constructs:deadLetterQueue', 'kept before it expires');
  }

  #reap(functionName: string, every: Duration, keeps: Readonly<Record<string, string>>): PipelineFunction {
    const reaper = new PipelineFunction(this, 'Reaper', {
      functionName,
      entry: ownHandler('reaper'),
      description: 'Keeps messages that are about to expire',
      timeout: Duration.minutes(5),
      environment: { QUEUE_URL: this.queue.queueUrl, ...keeps },
    });
    reaper.allow('LookAndDelete', ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], [this.queue.queueArn]);
    reaper.allow('Keep', ['sqs:SendMessage'], [this.keptQueue.queueArn]);
    const keys = keyArns(this.queue.encryptionMasterKey);
    if (keys.length > 0) reaper.allow('UseKey', KEY_ACTIONS, keys);
    new events.Rule(this, 'Schedule', {
      ruleName: `${functionName}-schedule`,
      schedule: events.Schedule.rate(every),
      targets: [new targets.LambdaFunction(reaper.function)],
    });
    return reaper;
  }
}
