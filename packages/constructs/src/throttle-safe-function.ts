import { type Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { anyArchive, anyFunction, type EventArchive, type FailingFunction } from './failing-function.ts';
import { OnFailureQueue } from './on-failure-queue.ts';
import { checkWhole, InvalidPropError } from './prop-rules.ts';
import type { Recovery } from './recovery.ts';
import { RetryAlarms } from './retry-alarms.ts';
import { RetryDashboard } from './retry-dashboard.ts';
import { RetryWorkflow } from './retry-workflow.ts';
import { ScheduledRetry } from './scheduled-retry.ts';

/** What a {@link ThrottleSafeFunction} is made from. */
export interface ThrottleSafeFunctionProps {
  /** Any function that is invoked asynchronously and may be throttled, or fail. */
  readonly function: lambda.IFunction | FailingFunction;
  /**
   * What queue, retry and alarms are named after; needed when CloudFormation chooses the function's name.
   * @default - the function's name
   */
  readonly functionName?: string;
  /**
   * How events come back: a function on a schedule, or a workflow for each; with settings of one's own by
   * `scheduledRecovery` and `workflowRecovery`.
   * @default 'schedule'
   */
  readonly recovery?: 'schedule' | 'workflow' | Recovery;
  /** How long a throttled event waits inside Lambda before it is kept, 60 s to 6 h. @default Duration.seconds(60) */
  readonly maxEventAge?: Duration;
  /** Retries of Lambda itself after an error of the function, 0 to 2. @default 0 */
  readonly retryAttempts?: number;
  /** Attempts of the recovery before an event is given up; not beside a recovery of one's own. @default 5 */
  readonly maxRetries?: number;
  /** Hears of every event that is given up, and of alarms. @default - a topic of its own */
  readonly alerts?: sns.ITopic;
  /** Keeps every event that is given up, under `dead-letters/`. @default - a private bucket of its own */
  readonly archive?: s3.IBucket | s3.Bucket | EventArchive;
  /** A standard queue of one's own for what could not be delivered. @default - a queue of its own */
  readonly failureQueue?: sqs.IQueue;
  /** Encrypts queue, topic and bucket where they are made here. @default - keys of AWS's own */
  readonly encryptionKey?: kms.IKey;
  /** Namespace of the retry's metrics. @default 'Holdfast/<functionName>' */
  readonly metricNamespace?: string;
  /** @default '<functionName>-retry' */
  readonly dashboardName?: string;
  /** What the function is called on the dashboard. @default - its name */
  readonly title?: string;
}

/** What a {@link ThrottleSafeFunction} gets when its props leave it out. */
export const THROTTLE_SAFE_FUNCTION_DEFAULTS = { recovery: 'schedule', maxRetries: 5 } as const;

/** The name that a function of this app was given, where CDK itself answers a reference. */
const givenName = (target: lambda.IFunction | FailingFunction): string => {
  if ('allow' in target) return target.functionName;
  const resource = target.node.defaultChild;
  return resource instanceof lambda.CfnFunction && resource.functionName !== undefined
    ? resource.functionName
    : target.functionName;
};

/**
 * No event of a function gets lost to throttles: what waits too long or fails is kept in a queue, comes back with backoff
 * and within a budget, and is archived and told of when it cannot be saved. Alarms and a dashboard show how it does.
 *
 * @example
 * ```ts
 * new ThrottleSafeFunction(stack, 'SafeThumbnails', { function: thumbnails, functionName: 'thumbnails' });
 * ```
 */
export class ThrottleSafeFunction extends Construct {
  /** What could not be delivered. */
  readonly failures: OnFailureQueue;
  readonly alerts: sns.ITopic;
  readonly archive: s3.IBucket | s3.Bucket | EventArchive;
  readonly alarms: RetryAlarms;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: ThrottleSafeFunctionProps) {
    super(scope, id);
    const functionName = props.functionName ?? givenName(props.function);
    if (Token.isUnresolved(functionName)) {
      throw new InvalidPropError('functionName', 'nothing', 'must be given when the function has no name of its own');
    }
    const { maxEventAge, retryAttempts, encryptionKey: key } = props;
    const maxRetries = props.maxRetries ?? THROTTLE_SAFE_FUNCTION_DEFAULTS.maxRetries;
    checkWhole('maxRetries', maxRetries, 1, 1_000);
    const metricNamespace = props.metricNamespace ?? `Holdfast/${functionName}`;
    this.failures = new OnFailureQueue(this, 'Failures', {
      target: 'allow' in props.function ? props.function : anyFunction(props.function, functionName),
      ...(maxEventAge === undefined ? {} : { maxEventAge }),
      ...(retryAttempts === undefined ? {} : { retryAttempts }),
      ...(props.failureQueue === undefined ? {} : { queue: props.failureQueue }),
      ...(key === undefined ? {} : { encryptionKey: key }),
    });
    this.alerts =
      props.alerts ??
      new sns.Topic(this, 'Alerts', { enforceSSL: true, ...(key === undefined ? {} : { masterKey: key }) });
    this.archive =
      props.archive ??
      new s3.Bucket(this, 'Archive', {
        ...(key === undefined
          ? { encryption: s3.BucketEncryption.S3_MANAGED }
          : { encryption: s3.BucketEncryption.KMS, encryptionKey: key }),
        blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
        objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforceSSL: true,
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      });
    const { archive, failures, alerts } = this;
    const parts = { failures, alerts, archive: 'arnForKeys' in archive ? archive : anyArchive(archive) };
    const recovery = props.recovery ?? THROTTLE_SAFE_FUNCTION_DEFAULTS.recovery;
    if (typeof recovery !== 'function' && !['schedule', 'workflow'].includes(recovery)) {
      throw new InvalidPropError('recovery', recovery, 'must be schedule, workflow, or a recovery of your own');
    }
    if (typeof recovery === 'function') {
      if (props.maxRetries !== undefined) {
        throw new InvalidPropError('maxRetries', maxRetries, "is said in the settings of a recovery of one's own");
      }
      recovery(this, parts);
    } else if (recovery === 'schedule') new ScheduledRetry(this, 'Retry', { ...parts, maxRetries, metricNamespace });
    else new RetryWorkflow(this, 'Retry', { ...parts, maxRetries, metricNamespace });
    this.alarms = new RetryAlarms(this, 'Alarms', { failures: this.failures, alerts: this.alerts, metricNamespace });
    new RetryDashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName ?? `${functionName}-retry`,
      targetTitle: props.title ?? functionName,
      failures: this.failures,
      metricNamespace,
    });
  }
}
