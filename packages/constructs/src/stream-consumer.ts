import { Duration } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as kinesis from 'aws-cdk-lib/aws-kinesis';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, KinesisEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  checkStandard,
  failureQueue,
  type StreamFailureDestination,
  streamFailureDestination,
} from './failure-destination.ts';
import { checkDuration, checkWhole, type PropWarning, warn } from './prop-rules.ts';

/** What a {@link StreamConsumer} is made from. */
export interface StreamConsumerProps {
  readonly function: lambda.IFunction;
  /** A Kinesis stream, or a table with a stream. */
  readonly source: kinesis.IStream | dynamodb.ITable | dynamodb.Table;
  /** Records at a time, 1 to 10,000. @default 100 */
  readonly batchSize?: number;
  /** Retries of a batch before its record goes to `onFailure`, 0 to 10,000. @default 3 */
  readonly retryAttempts?: number;
  /** Whether a failed batch is halved until the bad record is alone. @default true */
  readonly bisectOnError?: boolean;
  /** Older records are given up, 60 s to 7 days. @default Duration.hours(1) */
  readonly maxRecordAge?: Duration;
  /** Batches of one shard at a time, 1 to 10; a partition key's order stays. @default 1 */
  readonly parallelizationFactor?: number;
  /**
   * Whether the function answers with `batchItemFailures`: what comes before the first of them is done.
   * @default true
   */
  readonly reportItemFailures?: boolean;
  /** @default lambda.StartingPosition.TRIM_HORIZON */
  readonly startingPosition?: lambda.StartingPosition;
  /** Who is told of given up batches: where in the stream, not the records. @default - a queue of its own, 14 days */
  readonly onFailure?: StreamFailureDestination;
  /** Name of the queue that is made when `onFailure` is left out. @default - chosen by CloudFormation */
  readonly failureQueueName?: string;
  /** Encrypts the queue that is made here. @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey;
}

/** What a {@link StreamConsumer} gets when its props leave it out. */
export const STREAM_CONSUMER_DEFAULTS = {
  batchSize: 100,
  retryAttempts: 3,
  bisectOnError: true,
  maxRecordAge: Duration.hours(1),
  parallelizationFactor: 1,
  reportItemFailures: true,
  startingPosition: lambda.StartingPosition.TRIM_HORIZON,
} as const;

/** Streams of tables keep no record longer; Kinesis does not unless it is told to. */
const KEPT_IN_STREAM = Duration.hours(24);

/**
 * A function behind a stream that one bad record cannot hold up: Lambda's own settings try a batch until its records
 * expire, and every record behind it in the shard expires with it.
 *
 * @example
 * ```ts
 * new StreamConsumer(stack, 'Clicks', { function: clicks, source: stream, retryAttempts: 3 });
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export class StreamConsumer extends Construct {
  /** The queue that was made because `onFailure` was left out. */
  readonly failureQueue: sqs.Queue | undefined;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id);
    const settings = { ...STREAM_CONSUMER_DEFAULTS, ...props };
    checkWhole('batchSize', settings.batchSize, 1, 10_000);
    checkWhole('retryAttempts', settings.retryAttempts, 0, 10_000);
    checkWhole('parallelizationFactor', settings.parallelizationFactor, 1, 10);
    checkDuration('maxRecordAge', settings.maxRecordAge, Duration.seconds(60), Duration.days(7));
    checkStandard('onFailure', props.onFailure);
    this.#warn(settings);
    this.failureQueue =
      props.onFailure === undefined
        ? failureQueue(this, 'Failures', props.failureQueueName, props.encryptionKey)
        : undefined;
    const mapping = {
      batchSize: settings.batchSize,
      retryAttempts: settings.retryAttempts,
      bisectBatchOnError: settings.bisectOnError,
      maxRecordAge: settings.maxRecordAge,
      parallelizationFactor: settings.parallelizationFactor,
      reportBatchItemFailures: settings.reportItemFailures,
      startingPosition: settings.startingPosition,
      onFailure: streamFailureDestination(props.onFailure ?? (this.failureQueue as sqs.Queue)),
    };
    const { source } = props;
    props.function.addEventSource(
      'streamArn' in source
        ? new KinesisEventSource(source, mapping)
        : new DynamoEventSource(source as dynamodb.ITable, mapping),
    );
  }

  #warn({
    bisectOnError,
    reportItemFailures,
    batchSize,
    maxRecordAge,
    startingPosition,
  }: {
    readonly bisectOnError: boolean;
    readonly reportItemFailures: boolean;
    readonly batchSize: number;
    readonly maxRecordAge: Duration;
    readonly startingPosition: lambda.StartingPosition;
  }): void {
    const warnings: PropWarning[] = [];
    if (batchSize > 1 && !bisectOnError && !reportItemFailures) {
      warnings.push({
        id: 'bisectOnError',
        message: `batchSize: ${batchSize} without bisectOnError or reportItemFailures gives up every record of a batch with the one that fails`,
      });
    }
    if (maxRecordAge.toSeconds() >= KEPT_IN_STREAM.toSeconds()) {
      warnings.push({
        id: 'maxRecordAge',
        message: `maxRecordAge: ${maxRecordAge.toSeconds()} s is not below the ${KEPT_IN_STREAM.toSeconds()} s that streams keep records for by default: what is told to onFailure can no longer be read`,
      });
    }
    if (startingPosition === lambda.StartingPosition.LATEST) {
      warnings.push({
        id: 'startingPosition',
        message: 'startingPosition: LATEST skips what arrives until the mapping has begun to poll',
      });
    }
    warn(this, warnings);
  }
}
