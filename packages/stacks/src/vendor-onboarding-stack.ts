import {
  NotifyingBucket,
  PipelineFunction,
  type Recovery,
  ReliableQueue,
  scheduledRecovery,
  ThrottleSafeFunction,
  workflowRecovery,
} from '@holdfast/constructs';
import { PARSER_ERROR_TYPES } from '@holdfast/functions/parser-errors';
import { PIPELINE } from '@holdfast/functions/pipeline-names';
import {
  Aws,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
} from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { CONCURRENCY_ALLOCATION } from './concurrency.ts';
import { type EntryOf, handlerEntry } from './handler-entry.ts';
import { RECOVERIES, type RecoveryKind } from './recoveries.ts';

export interface VendorOnboardingStackProps extends StackProps {
  /**
   * How dead-lettered uploads come back: `csv-parser-retry` every five minutes, or a workflow for each.
   * @default - the context value `recovery`, else 'schedule'
   */
  readonly recovery?: RecoveryKind;
  /** @default - the handlers of `packages/functions` */
  readonly entryOf?: EntryOf;
}

const recoveryOf = (value: unknown): RecoveryKind => {
  const recovery = RECOVERIES.find((kind) => kind === (value ?? 'schedule'));
  if (recovery === undefined) throw new Error(`recovery: ${JSON.stringify(value)} must be ${RECOVERIES.join(' or ')}`);
  return recovery;
};

const recoverers = (entryOf: EntryOf): Readonly<Record<RecoveryKind, Recovery>> => ({
  schedule: scheduledRecovery({ entry: entryOf('csv-parser-retry'), archivePrefix: PIPELINE.keyPrefix.deadLetters }),
  workflow: workflowRecovery({
    archivePrefix: PIPELINE.keyPrefix.deadLetters,
    metricNamespace: PIPELINE.metricNamespace,
    busyErrors: PARSER_ERROR_TYPES.throttled,
    permanentErrors: PARSER_ERROR_TYPES.permanent,
  }),
});

/**
 * Vendors upload product files; every file ends as products, as an error report, or as an alert. None is lost.
 *
 * ```text
 * uploads/*     ─▶ csv-parser (50) ─▶ products, uploads, errors/, notices
 *                      │ 60 s without a free slot, or failed
 *                      ▼
 *               csv-parser-dlq ─▶ recovery ─▶ csv-parser again, or dead-letters/ and an alert
 * ```
 */
export class VendorOnboardingStack extends Stack {
  constructor(scope: Construct, id: string, props: VendorOnboardingStackProps = {}) {
    const { recovery: given, entryOf = handlerEntry, ...stackProps } = props;
    super(scope, id, { description: 'Vendor product files, none lost', ...stackProps });
    const reserved = CONCURRENCY_ALLOCATION.reserved;

    const notificationEmail = new CfnParameter(this, 'NotificationEmail', {
      default: '',
      description: 'Address that hears of uploads and alerts; empty for none',
    });
    const parserLatencyMs = new CfnParameter(this, 'ParserLatencyMs', {
      type: 'Number',
      default: 0,
      minValue: 0,
      description: 'For drills: csv-parser takes this much longer for each file',
    });
    const failVendor = new CfnParameter(this, 'FailVendor', {
      default: '',
      description: 'For drills: csv-parser throws for files of this vendor',
    });

    const notifications = new sns.Topic(this, 'Notifications', {
      topicName: PIPELINE.topic,
      enforceSSL: true,
    });
    const emailIsGiven = new CfnCondition(this, 'EmailIsGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(notificationEmail.valueAsString, '')),
    });
    const subscription = new sns.CfnSubscription(this, 'EmailSubscription', {
      topicArn: notifications.topicArn,
      protocol: 'email',
      endpoint: notificationEmail.valueAsString,
    });
    subscription.cfnOptions.condition = emailIsGiven;

    const products = this.#table('Products', PIPELINE.tables.products, 'vendor_product_id');
    const uploads = this.#table('Uploads', PIPELINE.tables.uploads, 'file_key');
    const bucket = new NotifyingBucket(this, 'Uploaded', {
      bucketName: `ecommerce-product-uploads-${Aws.ACCOUNT_ID}`,
    });

    const validator = new PipelineFunction(this, 'Validator', {
      functionName: PIPELINE.functions.validator,
      entry: entryOf('product-validator'),
      description: 'Checks that the products of an upload are there',
      reservedConcurrency: reserved['product-validator'],
      environment: { PRODUCTS_TABLE: products.tableName, UPLOADS_TABLE: uploads.tableName },
    });
    validator.allow('LookForProducts', ['dynamodb:BatchGetItem'], [products.tableArn]);
    validator.allow('RecordValidation', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], [uploads.tableArn]);
    const validation = this.#queueFor('Validation', 'product-validation', validator);

    const errorProcessor = new PipelineFunction(this, 'ErrorProcessor', {
      functionName: PIPELINE.functions.errors,
      entry: entryOf('error-processor'),
      description: 'Counts why rows of an upload were rejected',
      reservedConcurrency: reserved['error-processor'],
      environment: { UPLOADS_TABLE: uploads.tableName },
    });
    errorProcessor.allow('ReadErrorReports', ['s3:GetObject'], [bucket.arnForKeys(PIPELINE.keyPrefix.errors)]);
    errorProcessor.allow('TellMissingFromForbidden', ['s3:ListBucket'], [bucket.bucketArn]);
    errorProcessor.allow('RecordErrors', ['dynamodb:GetItem', 'dynamodb:UpdateItem'], [uploads.tableArn]);
    const errors = this.#queueFor('Errors', 'product-errors', errorProcessor);

    const parser = new PipelineFunction(this, 'Parser', {
      functionName: PIPELINE.functions.parser,
      entry: entryOf('csv-parser'),
      description: 'Turns an uploaded file into products',
      reservedConcurrency: reserved['csv-parser'],
      timeout: Duration.seconds(120),
      memoryMb: 512,
      environment: {
        PRODUCTS_TABLE: products.tableName,
        UPLOADS_TABLE: uploads.tableName,
        NOTIFICATION_TOPIC_ARN: notifications.topicArn,
        VALIDATION_QUEUE_URL: validation.queueUrl,
        ERROR_QUEUE_URL: errors.queueUrl,
        PARSER_LATENCY_MS: parserLatencyMs.value.toString(),
        FAIL_VENDOR: failVendor.valueAsString,
      },
    });
    parser.allow('ReadUploads', ['s3:GetObject'], [bucket.arnForKeys(PIPELINE.keyPrefix.uploads)]);
    // Without it S3 answers 403 for a missing object, and a file deleted too early looks like a broken role.
    parser.allow('TellMissingFromForbidden', ['s3:ListBucket'], [bucket.bucketArn]);
    parser.allow('WriteErrorReports', ['s3:PutObject'], [bucket.arnForKeys(PIPELINE.keyPrefix.errors)]);
    parser.allow('WriteProducts', ['dynamodb:BatchWriteItem'], [products.tableArn]);
    parser.allow('RecordUploads', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [uploads.tableArn]);
    parser.allow('Notify', ['sns:Publish'], [notifications.topicArn]);
    parser.allow('HandOn', ['sqs:SendMessage'], [validation.queueArn, errors.queueArn]);
    // No suffix: S3 compares its case, and a file that the parser cannot place must be told of, not passed over.
    bucket.notify(parser, { prefix: PIPELINE.keyPrefix.uploads });

    const recovery = recoveryOf(given ?? this.node.tryGetContext('recovery'));
    const { failures } = new ThrottleSafeFunction(this, 'ParserSafety', {
      function: parser,
      recovery: recoverers(entryOf)[recovery],
      alerts: notifications,
      archive: bucket,
      metricNamespace: PIPELINE.metricNamespace,
      dashboardName: 'CSV-Parser-Retry-Monitoring',
      title: 'CSV Parser',
    });

    new CfnOutput(this, 'UploadBucket', { value: bucket.bucketName });
    new CfnOutput(this, 'FailureQueueUrl', { value: failures.queue.queueUrl });
    new CfnOutput(this, 'NotificationTopicArn', { value: notifications.topicArn });
    new CfnOutput(this, 'Recovery', { value: recovery });
  }

  /** Pollers stay within the function's own concurrency: throttled polls would cost receives. */
  #queueFor(id: string, queueName: string, worker: PipelineFunction): sqs.Queue {
    const { source } = new ReliableQueue(this, id, {
      queueName,
      consumer: {
        function: worker.function,
        ...(worker.reservedConcurrency === undefined ? {} : { maxConcurrency: worker.reservedConcurrency }),
      },
    });
    return source;
  }

  #table(id: string, tableName: string, sortKey: string): dynamodb.Table {
    return new dynamodb.Table(this, id, {
      tableName,
      partitionKey: { name: 'vendor_id', type: dynamodb.AttributeType.STRING },
      sortKey: { name: sortKey, type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }
}
