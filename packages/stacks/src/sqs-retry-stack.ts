import {
  failureQueue,
  PipelineFunction,
  pipelineQueue,
  QueueConsumer,
  ReliabilityAlarms,
  ReliableQueue,
  type WatchedMetric,
  watch,
} from '@holdfast/constructs';
import { Annotations, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
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

/** Of the age at which messages expire: first the alarm, then the reaper. */
const EXPIRY = { alarmAt: 0.5, keepAt: 0.75 } as const;

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
    const queue = pipelineQueue(this, 'UntilExpiry', {
      queueName: 'main-queue-until-expiry',
      visibilityTimeout: Duration.seconds(30),
      retentionPeriod: expiresAfter,
    });
    const kept = failureQueue(this, 'Kept', 'kept-before-expiry');
    const keeps = {
      KEEP_QUEUE_URL: kept.queueUrl,
      MAX_AGE_SECONDS: String(Math.floor(expiresAfter.toSeconds() * EXPIRY.keepAt)),
    };
    const processor = this.#processor('ExpiryProcessor', 'sqs-processor-until-expiry', 'item-failures');
    for (const [name, value] of Object.entries({ QUEUE_URL: queue.queueUrl, ...keeps }))
      processor.setEnvironment(name, value);
    processor.allow('Keep', ['sqs:SendMessage'], [kept.queueArn]);
    const consumer = new QueueConsumer(this, 'ExpiryConsumer', {
      queue,
      function: processor.function,
      maxConcurrency: 10,
    });
    Annotations.of(consumer).acknowledgeWarning('@holdfast/constructs:deadLetterQueue', 'kept before it expires');

    // Told by processor and reaper: SQS's own metric leaves a message out once it was received three times.
    const age = new cloudwatch.Metric({
      namespace: 'Holdfast/SqsRetry',
      metricName: 'UnprocessedMessageAge',
      period: Duration.minutes(5),
      statistic: 'Maximum',
    });
    this.#watched['AboutToExpire'] = watch.metric(
      age,
      'A message of main-queue-until-expiry will be deleted unless it succeeds or is kept',
      {
        alarmName: 'main-queue-until-expiry-age',
        threshold: Math.floor(expiresAfter.toSeconds() * EXPIRY.alarmAt),
        comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      },
    );
    this.#watched['Kept'] = watch.deadLetters(kept, {
      alarmName: 'kept-before-expiry-depth',
      description: 'Messages were kept before they expired',
    });

    const reaper = new PipelineFunction(this, 'Reaper', {
      functionName: 'reaper',
      entry: this.#entryOf('reaper'),
      description: 'Keeps messages that are about to expire',
      timeout: Duration.minutes(5),
      environment: { QUEUE_URL: queue.queueUrl, ...keeps },
    });
    reaper.allow('LookAndDelete', ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], [queue.queueArn]);
    reaper.allow('Keep', ['sqs:SendMessage'], [kept.queueArn]);
    new events.Rule(this, 'ReaperSchedule', {
      ruleName: 'reaper-schedule',
      schedule: events.Schedule.rate(Duration.minutes(5)),
      targets: [new targets.LambdaFunction(reaper.function)],
    });
    new CfnOutput(this, 'QueueUrlUntilExpiry', { value: queue.queueUrl });
    new CfnOutput(this, 'KeptQueueUrl', { value: kept.queueUrl });
  }

  #byError(): void {
    const deadLetters = failureQueue(this, 'ByErrorDeadLetters', 'dlq-by-error');
    this.#watched['ByErrorDeadLetters'] = watch.deadLetters(deadLetters, { alarmName: 'dlq-by-error-depth' });
    const task = new PipelineFunction(this, 'Task', {
      functionName: 'sqs-processor-task',
      entry: this.#entryOf('chosen-outcome'),
      description: 'A task whose input chooses its outcome',
      timeout: Duration.seconds(5),
    });
    const keep = new tasks.SqsSendMessage(this, 'Keep', {
      queue: deadLetters,
      messageBody: sfn.TaskInput.fromObject({ 'input.$': '$$.Execution.Input', 'error.$': '$.error' }),
    });
    const invoke = new tasks.LambdaInvoke(this, 'Process', {
      lambdaFunction: task.function,
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
    });
    invoke.addRetry({
      errors: ['TransientError', 'Lambda.TooManyRequestsException', 'Lambda.ServiceException'],
      interval: Duration.seconds(2),
      backoffRate: 2,
      maxAttempts: 3,
      jitterStrategy: sfn.JitterType.FULL,
      maxDelay: Duration.seconds(30),
    });
    invoke.addCatch(keep, { errors: ['States.ALL'], resultPath: '$.error' });
    const history = new logs.LogGroup(this, 'ByErrorLogs', {
      logGroupName: '/aws/vendedlogs/states/sqs-retry-by-error',
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const machine = new sfn.StateMachine(this, 'ByError', {
      stateMachineName: 'sqs-retry-by-error',
      definitionBody: sfn.DefinitionBody.fromChainable(invoke),
      logs: { destination: history, level: sfn.LogLevel.ALL },
      tracingEnabled: true,
    });
    new CfnOutput(this, 'ByErrorStateMachineArn', { value: machine.stateMachineArn });
  }
}
