import { PipelineFunction, QueueConsumer } from '@holdfast/constructs';
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type EntryOf, handlerEntry } from './handler-entry.ts';
import { IngestionMonitoring } from './ingestion-monitoring.ts';
import { type IngestionSettings, ingestionSettings } from './ingestion-settings.ts';

export interface IngestionLabStackProps extends StackProps {
  /** Has `random_fail_p30` fail the same tries of the same events. @default - by chance */
  readonly failureSeed?: string;
  /** @default - the handlers of `packages/functions` */
  readonly entryOf?: EntryOf;
}

/** Says what is broken on purpose; one for all environments, as the runbooks name it. */
export const FAILURE_MODE_PARAMETER = '/ingestion/failure_mode';

/**
 * An event that a client posts is validated, queued, processed once in effect and announced; what fails is kept with its
 * category, seen and alarmed. Settings come from the context, see {@link ingestionSettings}.
 *
 * ```text
 * POST /events ─▶ ingest ─▶ ingestion-events ─▶ worker ─▶ bus ─▶ topic
 *                              │ maxReceiveCount  │ last or hopeless failure, with its category
 *                              └──────────▶ ingestion-events-dlq
 * GET /events/{id} ─▶ status        GET /health ─▶ health
 * ```
 */
export class IngestionLabStack extends Stack {
  readonly #settings: IngestionSettings;
  readonly #entry: string;
  readonly #key: kms.Key | undefined;

  /** @throws Error naming context value and rule */
  constructor(scope: Construct, id: string, props: IngestionLabStackProps = {}) {
    const { failureSeed, entryOf = handlerEntry, ...stackProps } = props;
    super(scope, id, {
      description: 'Events taken by HTTP, processed once in effect, with failures on demand',
      ...stackProps,
    });
    const settings = ingestionSettings((name) => this.node.tryGetContext(name));
    this.#settings = settings;
    this.#entry = entryOf('ingestion-lab');
    this.#key = settings.useKmsCmk
      ? new kms.Key(this, 'Key', {
          alias: `alias/ingestion-${settings.envName}`,
          description: 'Queues and tables of the ingestion lab',
          enableKeyRotation: true,
        })
      : undefined;

    const deadLetters = this.#queue('DeadLetters', 'events-dlq', {
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const queue = this.#queue('Queue', 'events', {
      visibilityTimeout: settings.visibility,
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: settings.maxReceiveCount },
    });
    const records = this.#table('Events', 'events', 'event_id', 'expires_at');
    const once = this.#table('Idempotency', 'idempotency', 'id', 'expiration');
    const breakers = this.#table('Breakers', 'breakers', 'service');
    const failureMode = new ssm.StringParameter(this, 'FailureMode', {
      parameterName: FAILURE_MODE_PARAMETER,
      stringValue: 'none',
      description: 'none, poison_payload, slow_downstream, random_fail_p30 or duplicate_submit',
    });
    const alerts = new sns.Topic(this, 'Alerts', { topicName: this.#named('alerts'), enforceSSL: true });
    if (settings.alarmEmail !== '') alerts.addSubscription(new subscriptions.EmailSubscription(settings.alarmEmail));
    const bus = new events.EventBus(this, 'Bus', { eventBusName: this.#named('bus') });
    new events.Rule(this, 'Announced', {
      ruleName: this.#named('announced'),
      eventBus: bus,
      eventPattern: { source: ['holdfast.ingestion'], detailType: ['EventProcessed', 'EventFailed'] },
      targets: [
        new targets.SnsTopic(new sns.Topic(this, 'Outcomes', { topicName: this.#named('outcomes'), enforceSSL: true })),
      ],
    });

    const eventsTable = { EVENTS_TABLE: records.tableName, TTL_DAYS: String(settings.ttlDays) };
    const ingest = this.#function('Ingest', 'ingest', 'Validates, records and queues events', {
      ...eventsTable,
      QUEUE_URL: queue.queueUrl,
      FAILURE_MODE_PARAMETER,
    });
    ingest.allow('Record', ['dynamodb:GetItem', 'dynamodb:PutItem'], [records.tableArn]);
    ingest.allow('Publish', ['sqs:SendMessage'], [queue.queueArn]);
    ingest.allow('ReadFailureMode', ['ssm:GetParameter'], [failureMode.parameterArn]);

    const status = this.#function('Status', 'status', 'Tells what became of an event', eventsTable);
    status.allow('Read', ['dynamodb:GetItem'], [records.tableArn]);

    const health = this.#function('Health', 'health', 'Asks everything that ingestion needs', {
      ...eventsTable,
      QUEUE_URL: queue.queueUrl,
      FAILURE_MODE_PARAMETER,
    });
    health.allow('Read', ['dynamodb:GetItem'], [records.tableArn]);
    health.allow('AskQueue', ['sqs:GetQueueAttributes'], [queue.queueArn]);
    health.allow('ReadFailureMode', ['ssm:GetParameter'], [failureMode.parameterArn]);

    const worker = this.#function(
      'Worker',
      'work',
      'Gives each event its effect once',
      {
        ...eventsTable,
        IDEMPOTENCY_TABLE: once.tableName,
        BREAKERS_TABLE: breakers.tableName,
        DEAD_LETTER_QUEUE_URL: deadLetters.queueUrl,
        EVENT_BUS_NAME: bus.eventBusName,
        MAX_RECEIVE_COUNT: String(settings.maxReceiveCount),
        SCHEMA_VERSIONS: settings.schemaVersions,
        // Events of a batch are processed side by side, and something is left for what comes after.
        PROCESS_TIMEOUT_MS: String(Math.ceil(settings.workerTimeout.toMilliseconds() / 3)),
        FAILURE_MODE_PARAMETER,
        ...(failureSeed === undefined ? {} : { FAILURE_SEED: failureSeed }),
      },
      settings.workerTimeout,
    );
    worker.allow('Process', ['dynamodb:UpdateItem'], [records.tableArn]);
    worker.allow(
      'RememberDone',
      ['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      [once.tableArn],
    );
    worker.allow('ShareBreaker', ['dynamodb:GetItem', 'dynamodb:PutItem'], [breakers.tableArn]);
    worker.allow('PutAside', ['sqs:SendMessage'], [deadLetters.queueArn]);
    worker.allow('Announce', ['events:PutEvents'], [bus.eventBusArn]);
    worker.allow('ReadFailureMode', ['ssm:GetParameter'], [failureMode.parameterArn]);
    new QueueConsumer(this, 'Consumer', {
      queue,
      function: worker.function,
      batchSize: settings.batchSize,
      maxConcurrency: 10,
    });

    const api = this.#api({ 'POST /events': ingest, 'GET /events/{id}': status, 'GET /health': health });
    new IngestionMonitoring(this, 'Monitoring', { settings, queue, deadLetters, worker, ingest, api, alerts });

    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
    new CfnOutput(this, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
    new CfnOutput(this, 'EventsTable', { value: records.tableName });
  }

  #named(name: string): string {
    return `ingestion-${name}-${this.#settings.envName}`;
  }

  #queue(id: string, name: string, props: sqs.QueueProps): sqs.Queue {
    const key = this.#key;
    return new sqs.Queue(this, id, {
      queueName: this.#named(name),
      enforceSSL: true,
      ...(key === undefined
        ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
        : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key }),
      ...props,
    });
  }

  #table(id: string, name: string, partitionKey: string, timeToLiveAttribute?: string): dynamodb.Table {
    const key = this.#key;
    return new dynamodb.Table(this, id, {
      tableName: this.#named(name),
      partitionKey: { name: partitionKey, type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...(timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute }),
      ...(key === undefined ? {} : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
    });
  }

  #function(
    id: string,
    handlerExport: string,
    description: string,
    environment: Readonly<Record<string, string>>,
    timeout: Duration = Duration.seconds(10),
  ): PipelineFunction {
    const name = handlerExport === 'work' ? 'worker' : handlerExport;
    const made = new PipelineFunction(this, id, {
      functionName: this.#named(name),
      entry: this.#entry,
      handlerExport,
      description,
      timeout,
      environment,
    });
    if (this.#key !== undefined) made.allow('UseKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [this.#key.keyArn]);
    return made;
  }

  #api(routes: Readonly<Record<string, PipelineFunction>>): apigateway.HttpApi {
    const api = new apigateway.HttpApi(this, 'Api', {
      apiName: this.#named('api'),
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: ['*'],
        allowMethods: [apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST],
        allowHeaders: ['content-type', 'x-correlation-id'],
      },
    });
    for (const [route, { function: handler, node }] of Object.entries(routes)) {
      const [method, path] = route.split(' ') as [apigateway.HttpMethod, string];
      api.addRoutes({
        path,
        methods: [method],
        integration: new HttpLambdaIntegration(`${node.id}Integration`, handler),
      });
    }
    const accessLogs = new logs.LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/apigateway/${this.#named('api')}`,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 1_000, burstLimit: 2_000 },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(accessLogs) },
    });
    return api;
  }
}
