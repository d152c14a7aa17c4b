import {
  ExpiringQueue,
  failureQueue,
  PipelineFunction,
  ReliabilityAlarms,
  ReliableQueue,
  RetryByError,
  type WatchedMetric,
  watch,
} from '@holdfast/constructs';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type EntryOf, handlerEntry } from './handler-entry.ts';

export interface SqsRetryStackProps extends StackProps {
  /** How long a message of the queue without a redrive policy lives, 60 s to 14 days. @default Duration.days(4) */
  readonly expiresAfter?: Duration;
  /** @default - the handlers of `packages/functions` */
  readonly entryOf?: EntryOf;
}

/** What the three processors do with a batch in which messages failed. */
export const SQS_RETRY_VARIANTS = ['item-failures', 'whole-batch', 'delete-by-hand'] as const;

/** The first variant has the names of the document. */
const named = (name: string, variant: string): string => (variant === 'item-failures' ? name : `${name}-${variant}`);

/**
 * A queue that tries each message three times and then puts it aside, with three ways to tell which of a batch failed; one
 * that tries until messages expire, without losing them; and a workflow that retries by the type of the error.
 *
 * ```text
 * main-queue ─▶ sqs-processor ─ 3 receives ─▶ dlq          (and -whole-batch, -delete-by-hand)
 * main-queue-until-expiry ─▶ sqs-processor-until-expiry    alarm on the age; old ones ─▶ kept-before-expiry (and reaper)
 * sqs-retry-by-error (Step Functions) ─▶ sqs-processor-task ─ given up ─▶ dlq-by-error
 * ```
 */
export class SqsRetryStack extends Stack {
  readonly #entryOf: EntryOf;
  readonly #watched: Record<string, WatchedMetric> = {};

  constructor(scope: Construct, id: string, props: SqsRetryStackProps = {}) {
    const { expiresAfter = Duration.days(4), entryOf = handlerEntry, ...stackProps } = props;
    super(scope, id, {
      description: 'Retries of a queue, by redrive policy, until expiry, and by error',
      ...stackProps,
    });
    this.#entryOf = entryOf;
    for (const variant of SQS_RETRY_VARIANTS) this.#byRedrivePolicy(variant);
    this.#untilExpiry(expiresAfter);
    this.#byError();
    new ReliabilityAlarms(this, 'Alarms', {
      alerts: new sns.Topic(this, 'Alerts', { topicName: 'sqs-retry-alerts', enforceSSL: true }),
      watched: this.#watched,
    });
  }

  #processor(id: string, functionName: string, variant: string): PipelineFunction {
    return new PipelineFunction(this, id, {
      functionName,
      entry: this.#entryOf('sqs-processor'),
      description: `Processes messages; of a batch with failures: ${variant}`,
      timeout: Duration.seconds(5),
      environment: { VARIANT: variant },
    });
  }

  #byRedrivePolicy(variant: (typeof SQS_RETRY_VARIANTS)[number]): void {
    const processor = this.#processor(named('Processor', variant), named('sqs-processor', variant), variant);
    const { source: queue, deadLetterQueue: deadLetters } = new ReliableQueue(this, named('Queue', variant), {
      queueName: named('main-queue', variant),
      deadLetterQueueName: named('dlq', variant),
      receiveWait: Duration.seconds(0),
      visibilityTimeout: Duration.seconds(30),
      retention: Duration.days(4),
      maxReceiveCount: 3,
      consumer: {
        function: processor.function,
        reportItemFailures: variant === 'item-failures',
        maxConcurrency: 10,
      },
    });
    processor.setEnvironment('QUEUE_URL', queue.queueUrl);
    if (variant === 'delete-by-hand') processor.allow('DeleteWhatSucceeded', ['sqs:DeleteMessage'], [queue.queueArn]);
    this.#watched[named('DeadLetters', variant)] = watch.deadLetters(deadLetters, {
      alarmName: `${named('dlq', variant)}-depth`,
    });
    new CfnOutput(this, `QueueUrl${variant.replace(/-/g, '')}`, { value: queue.queueUrl });
    new CfnOutput(this, `DeadLetterQueueUrl${variant.replace(/-/g, '')}`, { value: deadLetters.queueUrl });
  }

  /** Retries until the message expires: a lost event, so it is told of and kept before. */
  #untilExpiry(expiresAfter: Duration): void {
    const processor = this.#processor('ExpiryProcessor', 'sqs-processor-until-expiry', 'item-failures');
    const { queue, keptQueue, watched } = new ExpiringQueue(this, 'UntilExpiry', {
      queueName: 'main-queue-until-expiry',
      visibilityTimeout: Duration.seconds(30),
      retention: expiresAfter,
      consumer: { function: processor.function, maxConcurrency: 10 },
      keptQueueName: 'kept-before-expiry',
      reaperName: 'reaper',
    });
    processor.setEnvironment('QUEUE_URL', queue.queueUrl);
    Object.assign(this.#watched, watched);
    new CfnOutput(this, 'QueueUrlUntilExpiry', { value: queue.queueUrl });
    new CfnOutput(this, 'KeptQueueUrl', { value: keptQueue.queueUrl });
  }

  #byError(): void {
    const task = new PipelineFunction(this, 'Task', {
      functionName: 'sqs-processor-task',
      entry: this.#entryOf('chosen-outcome'),
      description: 'A task whose input chooses its outcome',
      timeout: Duration.seconds(5),
    });
    const { stateMachine, deadLetterQueue } = new RetryByError(this, 'ByError', {
      stateMachineName: 'sqs-retry-by-error',
      function: task.function,
      deadLetterQueue: failureQueue(this, 'ByErrorDeadLetters', 'dlq-by-error'),
    });
    this.#watched['ByErrorDeadLetters'] = watch.deadLetters(deadLetterQueue, { alarmName: 'dlq-by-error-depth' });
    new CfnOutput(this, 'ByErrorStateMachineArn', { value: stateMachine.stateMachineArn });
  }
}
