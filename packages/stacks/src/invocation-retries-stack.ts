import {
  AsyncFunction,
  failureQueue,
  PipelineFunction,
  ReliabilityAlarms,
  ReliableQueue,
  RuleTarget,
  StreamConsumer,
  type WatchedMetric,
  watch,
} from '@holdfast/constructs';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type EntryOf, handlerEntry } from './handler-entry.ts';

export interface InvocationRetriesStackProps extends StackProps {
  /** @default - the handlers of `packages/functions` */
  readonly entryOf?: EntryOf;
}

/** Kinds of invocation, each with a function and a queue for what it gave up: `retries-async`, `retries-async-failures`. */
export const INVOCATION_KINDS = ['async', 'rule', 'queue', 'kinesis', 'dynamodb'] as const;

type Kind = (typeof INVOCATION_KINDS)[number];

/** What the document sets. */
const HOUR = Duration.seconds(3_600);

/**
 * The retry settings of every kind of invocation side by side. Each event chooses what becomes of it:
 * `{"outcome": "ok" | "fail" | "permanent" | "slow"}`.
 *
 * ```text
 * invoke (Event) ─▶ retries-async     2 retries, 1 h        ─▶ retries-async-failures, retries-async-successes
 * bus, rule      ─▶ retries-rule      185 deliveries, 1 h   ─▶ retries-rule-failures; errors as asynchronous ones
 * queue          ─▶ retries-queue     3 receives            ─▶ retries-queue-failures
 * stream         ─▶ retries-kinesis   3 retries, halves     ─▶ retries-kinesis-failures
 * table          ─▶ retries-dynamodb  3 retries, halves     ─▶ retries-dynamodb-failures
 * ```
 */
export class InvocationRetriesStack extends Stack {
  readonly #entryOf: EntryOf;
  readonly #watched: Record<string, WatchedMetric> = {};

  constructor(scope: Construct, id: string, props: InvocationRetriesStackProps = {}) {
    const { entryOf = handlerEntry, ...stackProps } = props;
    super(scope, id, { description: 'Retry settings of every kind of invocation', ...stackProps });
    this.#entryOf = entryOf;
    this.#async();
    this.#rule();
    this.#queue();
    this.#kinesis();
    this.#dynamodb();
    new ReliabilityAlarms(this, 'Alarms', {
      alerts: new sns.Topic(this, 'Alerts', { topicName: 'invocation-retries-alerts', enforceSSL: true }),
      watched: this.#watched,
    });
  }

  #function(kind: Kind) {
    const { function: made } = new PipelineFunction(this, `Function-${kind}`, {
      functionName: `retries-${kind}`,
      entry: this.#entryOf('chosen-outcome'),
      description: `Invoked by ${kind}; its events choose their outcome`,
      timeout: Duration.seconds(5),
    });
    if (kind === 'kinesis' || kind === 'dynamodb') {
      this.#watched[`Lag-${kind}`] = watch.streamLag(made, { alarmName: `retries-${kind}-lag` });
    }
    return made;
  }

  #failures(kind: Kind): sqs.Queue {
    const queue = failureQueue(this, `Failures-${kind}`, `retries-${kind}-failures`);
    this.#watched[`Failures-${kind}`] = watch.deadLetters(queue, {
      description: `Events of ${kind} were given up`,
      alarmName: `retries-${kind}-failures-depth`,
    });
    new CfnOutput(this, `FailuresOf${kind[0]?.toUpperCase()}${kind.slice(1)}`, { value: queue.queueUrl });
    return queue;
  }

  #async(): void {
    new AsyncFunction(this, 'Async', {
      function: this.#function('async'),
      retryAttempts: 2,
      maxEventAge: HOUR,
      onFailure: this.#failures('async'),
      onSuccess: failureQueue(this, 'Successes', 'retries-async-successes'),
    });
  }

  #rule(): void {
    const bus = new events.EventBus(this, 'Bus', { eventBusName: 'invocation-retries' });
    const rule = new events.Rule(this, 'Rule', {
      ruleName: 'invocation-retries',
      eventBus: bus,
      eventPattern: { source: ['invocation-retries'] },
    });
    const target = this.#function('rule');
    const failures = this.#failures('rule');
    new RuleTarget(this, 'RuleTarget', { rule, target, maxEventAge: HOUR, deadLetterQueue: failures });
    // The rule has done its part once Lambda has the event.
    new AsyncFunction(this, 'RuleErrors', { function: target, maxEventAge: HOUR, onFailure: failures });
  }

  #queue(): void {
    const { source: queue } = new ReliableQueue(this, 'Queue', {
      queueName: 'retries-queue',
      deadLetterQueue: this.#failures('queue'),
      visibilityTimeout: Duration.seconds(30),
      maxReceiveCount: 3,
      consumer: { function: this.#function('queue'), maxConcurrency: 10 },
    });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
  }

  #kinesis(): void {
    const stream = new kinesis.Stream(this, 'Stream', {
      streamName: 'retries-kinesis',
      streamMode: kinesis.StreamMode.PROVISIONED,
      shardCount: 2,
      encryption: kinesis.StreamEncryption.MANAGED,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    new StreamConsumer(this, 'StreamConsumer', {
      function: this.#function('kinesis'),
      source: stream,
      batchSize: 100,
      retryAttempts: 3,
      maxRecordAge: HOUR,
      onFailure: this.#failures('kinesis'),
    });
  }

  #dynamodb(): void {
    const table = new dynamodb.Table(this, 'Table', {
      tableName: 'retries-dynamodb',
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    new StreamConsumer(this, 'TableConsumer', {
      function: this.#function('dynamodb'),
      source: table,
      batchSize: 100,
      retryAttempts: 3,
      maxRecordAge: HOUR,
      onFailure: this.#failures('dynamodb'),
    });
  }
}
