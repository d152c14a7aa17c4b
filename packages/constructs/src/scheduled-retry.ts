import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ARCHIVE_PREFIX } from './archive-prefix.ts';
import { type EventArchive, KEY_ACTIONS, keyArns } from './failing-function.ts';
import type { OnFailureQueue } from './on-failure-queue.ts';
import { ownHandler } from './own-handler.ts';
import { PipelineFunction } from './pipeline-function.ts';

/** What a {@link ScheduledRetry} is made from. */
export interface ScheduledRetryProps {
  /** What could not be delivered; the retry invokes the queue's target function again. */
  readonly failures: OnFailureQueue;
  /**
   * Handler file; see {@link PipelineFunctionProps.entry}. It reads the environment that is set here.
   * @default - the handler that comes with this package
   */
  readonly entry?: string;
  /** Hears of every event that is given up. */
  readonly alerts: sns.ITopic;
  /** Keeps every event that is given up, under {@link archivePrefix}. */
  readonly archive: EventArchive;
  /** @default 'dead-letters/' */
  readonly archivePrefix?: string;
  /** @default Duration.minutes(5) */
  readonly every?: Duration;
  /**
   * Attempts per event before it is given up.
   * @default 5
   */
  readonly maxRetries?: number;
  /**
   * Concurrency of the retry function.
   * @default 10
   */
  readonly reservedConcurrency?: number;
  /**
   * Invocations of the target that one run keeps under way at a time.
   * @default 10
   */
  readonly parallelRetries?: number;
  /**
   * Refill of the token bucket that keeps retries from starving fresh events.
   * @default 10
   */
  readonly budgetPerSecond?: number;
  /**
   * Size of that bucket.
   * @default 50
   */
  readonly budgetBurst?: number;
  /**
   * CloudWatch namespace of `RetrySuccess`, `RetryFailed`, `RetryThrottled` and `MaxRetriesExceeded`; a {@link RetryAlarms}
   * and a {@link RetryDashboard} need the same.
   * @default 'Holdfast', or what another handler says
   */
  readonly metricNamespace?: string;
}

/** What a {@link ScheduledRetry} gets when its props leave it out. */
export const SCHEDULED_RETRY_DEFAULTS = {
  archivePrefix: ARCHIVE_PREFIX,
  every: Duration.minutes(5),
  maxRetries: 5,
  reservedConcurrency: 10,
  parallelRetries: 10,
  budgetPerSecond: 10,
  budgetBurst: 50,
  /** A run drains the queue for as long as this allows. */
  timeout: Duration.seconds(300),
  memoryMb: 256,
} as const;

/**
 * Brings back what an {@link OnFailureQueue} caught: on a schedule, a function drains the queue and invokes the
 * target again with backoff and jitter, within a budget; what cannot be saved is archived and alerted. Events of any kind: the
 * target gets each as it was, with `retryMetadata` beside its members.
 *
 * Attempts are counted in a table of its own. `ApproximateReceiveCount` counts receives, not attempts: a look at the
 * queue in the console would use up a retry.
 *
 * @example
 * ```ts
 * const failures = new OnFailureQueue(stack, 'Failures', { target: orders });
 * new ScheduledRetry(stack, 'Retry', { failures, alerts: topic, archive: bucket });
 * ```
 */
export class ScheduledRetry extends Construct {
  readonly function: PipelineFunction;
  /** Attempts so far by message id; entries expire with the queue's retention. */
  readonly attempts: dynamodb.Table;
  readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: ScheduledRetryProps) {
    super(scope, id);
    const { failures, archive } = props;
    const target = failures.target;
    const archivePrefix = props.archivePrefix ?? SCHEDULED_RETRY_DEFAULTS.archivePrefix;

    this.attempts = new dynamodb.Table(this, 'Attempts', {
      tableName: `${target.functionName}-retries`,
      partitionKey: { name: 'message_id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires_at',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new PipelineFunction(this, 'Retry', {
      functionName: `${target.functionName}-retry`,
      entry: props.entry ?? ownHandler('scheduled-retry'),
      description: `Retries what ${target.functionName} could not take`,
      timeout: SCHEDULED_RETRY_DEFAULTS.timeout,
      memoryMb: SCHEDULED_RETRY_DEFAULTS.memoryMb,
      reservedConcurrency: props.reservedConcurrency ?? SCHEDULED_RETRY_DEFAULTS.reservedConcurrency,
      environment: {
        DLQ_URL: failures.queue.queueUrl,
        TARGET_FUNCTION: target.functionName,
        SNS_TOPIC_ARN: props.alerts.topicArn,
        MAX_RETRIES: String(props.maxRetries ?? SCHEDULED_RETRY_DEFAULTS.maxRetries),
        RETRY_STATE_TABLE: this.attempts.tableName,
        ARCHIVE_BUCKET: archive.bucketName,
        ARCHIVE_PREFIX: archivePrefix,
        RETRY_CONCURRENCY: String(props.parallelRetries ?? SCHEDULED_RETRY_DEFAULTS.parallelRetries),
        RETRY_BUDGET_PER_SECOND: String(props.budgetPerSecond ?? SCHEDULED_RETRY_DEFAULTS.budgetPerSecond),
        RETRY_BUDGET_BURST: String(props.budgetBurst ?? SCHEDULED_RETRY_DEFAULTS.budgetBurst),
        ...(props.metricNamespace === undefined ? {} : { METRIC_NAMESPACE: props.metricNamespace }),
      },
    });
    this.function.allow(
      'DrainOnFailureQueue',
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      [failures.queue.queueArn],
    );
    this.function.allow('InvokeTarget', ['lambda:InvokeFunction'], [target.function.functionArn]);
    this.function.allow('CountAttempts', ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'], [this.attempts.tableArn]);
    this.function.allow('Alert', ['sns:Publish'], [props.alerts.topicArn]);
    const keys = keyArns(failures.queue.encryptionMasterKey, props.alerts.masterKey, archive.encryptionKey);
    if (keys.length > 0) this.function.allow('UseKeys', KEY_ACTIONS, keys);
    this.function.allow('Archive', ['s3:PutObject'], [archive.arnForKeys(archivePrefix)]);

    this.rule = new events.Rule(this, 'Schedule', {
      ruleName: `${target.functionName}-retry-schedule`,
      description: `Starts ${this.function.functionName}`,
      schedule: events.Schedule.rate(props.every ?? SCHEDULED_RETRY_DEFAULTS.every),
      targets: [new targets.LambdaFunction(this.function.function)],
    });
  }
}
