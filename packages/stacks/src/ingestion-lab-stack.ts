import { QueueConsumer, ReliableQueue } from '@holdfast/constructs';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type EntryOf, handlerEntry } from './handler-entry.ts';
import { ingestionApi } from './ingestion-api.ts';
import { IngestionMonitoring } from './ingestion-monitoring.ts';
import { IngestionParts } from './ingestion-parts.ts';
import { IngestionRedrive } from './ingestion-redrive.ts';
import { ingestionSettings, RETENTION_DAYS } from './ingestion-settings.ts';

export interface IngestionLabStackProps extends StackProps {
  /** Has `random_fail_p30` fail the same tries of the same events. @default - by chance */
  readonly failureSeed?: string;
  /** @default - the handlers of `packages/functions` */
  readonly entryOf?: EntryOf;
}

/**
 * An event that a client posts is validated, queued, processed once in effect and announced; what fails is kept with its
 * category, seen and alarmed. Settings come from the context, see {@link ingestionSettings}.
 *
 * ```text
 * POST /events ─▶ ingest ─▶ ingestion-events ─▶ worker ─▶ bus ─▶ topic
 *                              │ maxReceiveCount  │ last or hopeless failure, with its category
 *                              └──────────▶ ingestion-events-dlq
 *                                  │
 * /redrive/… ─▶ redrive ─▶ ingestion-redrive ─▶ redrive-run ─▶ back to ingestion-events
 * GET /events/{id} ─▶ status        GET /health ─▶ health
 * ```
 */
export class IngestionLabStack extends Stack {
  /** @throws Error naming context value and rule */
  constructor(scope: Construct, id: string, props: IngestionLabStackProps = {}) {
    const { failureSeed, entryOf = handlerEntry, ...stackProps } = props;
    super(scope, id, {
      description: 'Events taken by HTTP, processed once in effect, with failures on demand',
      ...stackProps,
    });
    const settings = ingestionSettings((name) => this.node.tryGetContext(name));
    const parts = new IngestionParts(this, settings, entryOf('ingestion-lab'));

    const { source: queue, deadLetterQueue: deadLetters } = new ReliableQueue(this, 'Queues', {
      queueName: parts.named('events'),
      deadLetterQueueName: parts.named('events-dlq'),
      visibilityTimeout: settings.visibility,
      maxReceiveCount: settings.maxReceiveCount,
      retention: Duration.days(RETENTION_DAYS.queue),
      deadLetterRetention: Duration.days(RETENTION_DAYS.deadLetters),
      ...(parts.key === undefined ? {} : { encryptionKey: parts.key }),
    });
    const records = parts.table(this, 'Events', 'events', { partition: 'event_id', timeToLive: 'expires_at' });
    const once = parts.table(this, 'Idempotency', 'idempotency', { partition: 'id', timeToLive: 'expiration' });
    const breakers = parts.table(this, 'Breakers', 'breakers', { partition: 'service' });
    const failureMode = new ssm.StringParameter(this, 'FailureMode', {
      parameterName: settings.failureModeParameter,
      stringValue: 'none',
      description: 'none, poison_payload, slow_downstream, random_fail_p30 or duplicate_submit',
    });
    const alerts = new sns.Topic(this, 'Alerts', { topicName: parts.named('alerts'), enforceSSL: true });
    if (settings.alarmEmail !== '') alerts.addSubscription(new subscriptions.EmailSubscription(settings.alarmEmail));
    const bus = new events.EventBus(this, 'Bus', { eventBusName: parts.named('bus') });
    new events.Rule(this, 'Announced', {
      ruleName: parts.named('announced'),
      eventBus: bus,
      eventPattern: { source: ['holdfast.ingestion'], detailType: ['EventProcessed', 'EventFailed'] },
      targets: [
        new targets.SnsTopic(new sns.Topic(this, 'Outcomes', { topicName: parts.named('outcomes'), enforceSSL: true })),
      ],
    });

    const FAILURE_MODE_PARAMETER = settings.failureModeParameter;
    const eventsTable = { EVENTS_TABLE: records.tableName, TTL_DAYS: String(settings.ttlDays) };
    const ingest = parts.function(this, 'Ingest', {
      name: 'ingest',
      description: 'Validates, records and queues events',
      environment: { ...eventsTable, QUEUE_URL: queue.queueUrl, FAILURE_MODE_PARAMETER },
    });
    ingest.allow('Record', ['dynamodb:GetItem', 'dynamodb:PutItem'], [records.tableArn]);
    ingest.allow('Publish', ['sqs:SendMessage'], [queue.queueArn]);
    ingest.allow('ReadFailureMode', ['ssm:GetParameter'], [failureMode.parameterArn]);

    const status = parts.function(this, 'Status', {
      name: 'status',
      description: 'Tells what became of an event',
      environment: eventsTable,
    });
    status.allow('Read', ['dynamodb:GetItem'], [records.tableArn]);

    const health = parts.function(this, 'Health', {
      name: 'health',
      description: 'Asks everything that ingestion needs',
      environment: { ...eventsTable, QUEUE_URL: queue.queueUrl, FAILURE_MODE_PARAMETER },
    });
    health.allow('Read', ['dynamodb:GetItem'], [records.tableArn]);
    health.allow('AskQueue', ['sqs:GetQueueAttributes'], [queue.queueArn]);
    health.allow('ReadFailureMode', ['ssm:GetParameter'], [failureMode.parameterArn]);

    const worker = parts.function(this, 'Worker', {
      name: 'worker',
      handlerExport: 'work',
      description: 'Gives each event its effect once',
      timeout: settings.workerTimeout,
      environment: {
        ...eventsTable,
        IDEMPOTENCY_TABLE: once.tableName,
        BREAKERS_TABLE: breakers.tableName,
        QUEUE_URL: queue.queueUrl,
        DEAD_LETTER_QUEUE_URL: deadLetters.queueUrl,
        EVENT_BUS_NAME: bus.eventBusName,
        MAX_RECEIVE_COUNT: String(settings.maxReceiveCount),
        SCHEMA_VERSIONS: settings.schemaVersions,
        // Events of a batch are processed side by side, and something is left for what comes after.
        PROCESS_TIMEOUT_MS: String(Math.ceil(settings.workerTimeout.toMilliseconds() / 3)),
        FAILURE_MODE_PARAMETER,
        ...(failureSeed === undefined ? {} : { FAILURE_SEED: failureSeed }),
      },
    });
    worker.allow('Process', ['dynamodb:UpdateItem'], [records.tableArn]);
    worker.allow(
      'RememberDone',
      ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      [once.tableArn],
    );
    worker.allow('ShareBreaker', ['dynamodb:GetItem', 'dynamodb:PutItem'], [breakers.tableArn]);
    worker.allow('PutAside', ['sqs:SendMessage'], [deadLetters.queueArn]);
    worker.allow('SendAnew', ['sqs:SendMessage'], [queue.queueArn]);
    worker.allow('Announce', ['events:PutEvents'], [bus.eventBusArn]);
    worker.allow('ReadFailureMode', ['ssm:GetParameter'], [failureMode.parameterArn]);
    new QueueConsumer(this, 'Consumer', {
      queue,
      function: worker.function,
      batchSize: settings.batchSize,
      maxConcurrency: 10,
    });

    const redrive = new IngestionRedrive(this, 'Redrive', { parts, queue, deadLetters });
    const api = ingestionApi(this, parts.named('api'), {
      'POST /events': ingest,
      'GET /events/{id}': status,
      'GET /health': health,
      ...redrive.routes,
    });
    new IngestionMonitoring(this, 'Monitoring', {
      settings,
      queue,
      deadLetters,
      stuckRedrives: redrive.stuck,
      worker,
      ingest,
      api,
      alerts,
    });

    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
    new CfnOutput(this, 'EventsTable', { value: records.tableName });
  }
}
