import { Aws, Duration, Fn, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { ARCHIVE_PREFIX } from './archive-prefix.ts';
import { NotifyingBucket } from './notifying-bucket.ts';
import { ownHandler } from './own-handler.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { checkWhole, InvalidPropError } from './prop-rules.ts';

/** What a {@link FailureLedger} is made from. */
export interface FailureLedgerProps {
  /** Dead-letter queues whose messages are captured; more by {@link FailureLedger.capture}. */
  readonly queues: readonly sqs.IQueue[];
  /**
   * Names of its function, table and bucket begin with it; another one for each ledger of an account and region.
   * @default 'failure-ledger'
   */
  readonly name?: string;
  /**
   * How long a failure is kept from its capture on; a queue keeps one for 14 days at most, from its first sending on.
   * @default 90
   */
  readonly retentionDays?: number;
  /**
   * Functions that capture at the same time, for each queue; 2 at least.
   * @default 5
   */
  readonly maxConcurrency?: number;
  /**
   * What becomes of table and objects when the stack goes.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** What a {@link FailureLedger} gets when its props leave it out. */
export const FAILURE_LEDGER_DEFAULTS = {
  name: 'failure-ledger',
  retentionDays: 90,
  maxConcurrency: 5,
  timeout: Duration.seconds(30),
} as const;

/** Command and console find ledgers by parameters below it. */
const PARAMETERS = '/holdfast/failure-ledgers/';

/**
 * Keeps every failure of an account's dead-letter queues where looking costs nothing: a function takes each message out of
 * its queue once, its body goes into a bucket, and a line into a table that is read by time. `holdfast dlq` and the
 * console find it by themselves, and bring messages back from there as from a queue. It outlives the 14 days of SQS.
 *
 * The queues are empty from then on: an alarm on their depth tells of a ledger that does not work, and how many failures
 * came is what `NumberOfMessagesDeleted` of a queue counts. A queue that something else reads, a recovery or a replay, is
 * theirs: capture where they give up.
 *
 * @example
 * ```ts
 * new FailureLedger(stack, 'Failures', { queues: [ordersDlq, uploadsDlq] });
 * ```
 */
export class FailureLedger extends Construct {
  readonly function: PipelineFunction;
  readonly table: dynamodb.Table;
  readonly bucket: NotifyingBucket;
  readonly #maxConcurrency: number;
  readonly #captured = new Map<string, string>();

  constructor(scope: Construct, id: string, props: FailureLedgerProps) {
    super(scope, id);
    const name = props.name ?? FAILURE_LEDGER_DEFAULTS.name;
    const retentionDays = props.retentionDays ?? FAILURE_LEDGER_DEFAULTS.retentionDays;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.#maxConcurrency = props.maxConcurrency ?? FAILURE_LEDGER_DEFAULTS.maxConcurrency;
    if (!/^[a-z0-9][a-z0-9-]{1,20}$/.test(name)) {
      throw new InvalidPropError(
        'name',
        `"${name}"`,
        'must be 2 to 21 small letters, digits and hyphens: a bucket has it',
      );
    }
    checkWhole('retentionDays', retentionDays, 1, 3_650);
    checkWhole('maxConcurrency', this.#maxConcurrency, 2, 1_000);

    this.table = new dynamodb.Table(this, 'Index', {
      tableName: name,
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
    });
    // What changed since somebody looked is read by it, day by day.
    this.table.addGlobalSecondaryIndex({
      indexName: 'by-change',
      partitionKey: { name: 'day', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'changedAt', type: dynamodb.AttributeType.STRING },
    });
    this.bucket = new NotifyingBucket(this, 'Bodies', {
      bucketName: Fn.join('-', [name, Aws.ACCOUNT_ID, Aws.REGION]),
      removalPolicy,
    });
    this.bucket.bucket.addLifecycleRule({ prefix: ARCHIVE_PREFIX, expiration: Duration.days(retentionDays) });
    this.function = new PipelineFunction(this, 'Capture', {
      functionName: name,
      entry: ownHandler('failure-ledger'),
      description: 'Takes failures out of dead-letter queues into the ledger',
      timeout: FAILURE_LEDGER_DEFAULTS.timeout,
      environment: {
        LEDGER_TABLE: this.table.tableName,
        LEDGER_BUCKET: this.bucket.bucketName,
        RETENTION_DAYS: String(retentionDays),
      },
    });
    this.function.allow('KeepBodies', ['s3:PutObject'], [this.bucket.arnForKeys(ARCHIVE_PREFIX)]);
    this.function.allow('WriteIndex', ['dynamodb:PutItem', 'dynamodb:UpdateItem'], [this.table.tableArn]);
    this.bucket.notify(this.function, {
      prefix: ARCHIVE_PREFIX,
      events: ['s3:ObjectRemoved:*', 's3:LifecycleExpiration:Delete'],
    });
    new ssm.StringParameter(this, 'Address', {
      parameterName: `${PARAMETERS}${name}`,
      description: 'Where holdfast finds this ledger of failures',
      stringValue: Stack.of(this).toJsonString({
        table: this.table.tableName,
        bucket: this.bucket.bucketName,
        retentionDays,
        queues: Lazy.any({ produce: () => [...this.#captured.values()] }),
      }),
    });
    for (const queue of props.queues) this.capture(queue);
  }

  /** Captures what comes into one more queue. */
  capture(queue: sqs.IQueue): void {
    if (this.#captured.has(queue.node.path)) return;
    this.#captured.set(queue.node.path, queue.queueArn);
    this.function.allow(
      `TakeFailures${this.#captured.size}`,
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      [queue.queueArn],
    );
    new lambda.CfnEventSourceMapping(this, `Of${queue.node.id}${this.#captured.size}`, {
      eventSourceArn: queue.queueArn,
      functionName: this.function.functionName,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
      scalingConfig: { maximumConcurrency: this.#maxConcurrency },
    }).node.addDependency(this.function.function);
  }
}
