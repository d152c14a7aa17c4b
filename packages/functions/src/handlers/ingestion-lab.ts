import { Logger } from '@aws-lambda-powertools/logger';
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2, Context, SQSEvent } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { embeddedMetrics, standardOutput } from '../emf.ts';
import { requiredText } from '../environment.ts';
import { announcerOn } from '../ingestion/announce.ts';
import { createIngest } from '../ingestion/create-ingest.ts';
import { createHealth, createStatus } from '../ingestion/create-queries.ts';
import { createRedrive } from '../ingestion/create-redrive.ts';
import { createWorker, INGESTION_NAMESPACE } from '../ingestion/create-worker.ts';
import { eventRecordsIn } from '../ingestion/event-records.ts';
import { failureModeOf } from '../ingestion/failure-mode.ts';
import { idempotencyIn } from '../ingestion/idempotency.ts';
import { orderProcessor } from '../ingestion/processor.ts';
import { createPublisher } from '../ingestion/publish.ts';
import { redriveParts } from '../ingestion/redrive-settings.ts';
import { createRedriveRun } from '../ingestion/run-redrive.ts';
import { failureModeParameter, readTableSettings, readWorkerSettings } from '../ingestion/settings.ts';
import { sharedBreaker } from '../ingestion/shared-breaker.ts';
import { sdkLog } from '../sdk-log.ts';

/*
 * Six functions, each with a role and an environment of its own, from one bundle: most of it is the SDK, and it is built,
 * uploaded and kept once. What a function does not do it does not set up.
 */

const env = process.env;
const { now } = ambient;
const log = new Logger({ serviceName: 'ingestion' });
const dynamodb = new DynamoDBClient({ logger: sdkLog });
const sqs = new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false });

const lazily = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

const records = lazily(() => eventRecordsIn(dynamodb, { ...readTableSettings(env), now }));

/** How long a mode that was changed may go on, in seconds. */
const FAILURE_MODE_MAX_AGE_SECONDS = 5;

const parameters = lazily(() => new SSMProvider({ awsSdkV3Client: new SSMClient({ logger: sdkLog }) }));
const failureMode = async () => {
  const maxAge = FAILURE_MODE_MAX_AGE_SECONDS;
  return failureModeOf(await parameters().get(failureModeParameter(env), { maxAge }));
};

const doIngest = lazily(() => {
  const publish = createPublisher(sqs, requiredText(env, 'QUEUE_URL'));
  return createIngest({ now, log, records: records(), publish, failureMode });
});
const doStatus = lazily(() => createStatus(records()));
const doHealth = lazily(() => {
  const QueueUrl = requiredText(env, 'QUEUE_URL');
  const checks = {
    table: () => records().read('health'),
    queue: () => sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] })),
    failureMode,
  };
  return createHealth(checks, log);
});
const doWork = lazily(() => {
  const tables = readTableSettings(env);
  const changed = (service: string, phase: string): void => {
    log.warn('circuit breaker changed', { service, phase });
    standardOutput(embeddedMetrics(INGESTION_NAMESPACE, { [`Breaker-${phase}`]: 1 }, now()));
  };
  return createWorker({
    ...ambient,
    sqs,
    log,
    metrics: standardOutput,
    records: records(),
    announcer: announcerOn(new EventBridgeClient({ logger: sdkLog }), requiredText(env, 'EVENT_BUS_NAME')),
    processor: orderProcessor(records()),
    guarded: sharedBreaker({ dynamodb, tableName: requiredText(env, 'BREAKERS_TABLE'), now, changed }, 'orders', {
      failureThreshold: 10,
      openMs: 30_000,
    }),
    once: idempotencyIn(dynamodb, { ...tables, tableName: requiredText(env, 'IDEMPOTENCY_TABLE') }),
    failureMode,
    settings: readWorkerSettings(env),
  });
});

const redriving = lazily(() => redriveParts(env, ambient, sqs));
const doRedrive = lazily(() => createRedrive({ now, log, ...redriving() }));
const doRunRedrive = lazily(() =>
  createRedriveRun({
    now,
    log,
    ...redriving(),
    count: (metric) => standardOutput(embeddedMetrics(INGESTION_NAMESPACE, { [metric]: 1 }, now())),
  }),
);

/** Entry point of `POST /events`. */
export const ingest = (event: APIGatewayProxyEventV2, context: Context) => {
  log.addContext(context);
  return doIngest()(event);
};

/** Entry point of `GET /events/{id}`. */
export const status = (event: APIGatewayProxyEventV2, context: Context) => {
  log.addContext(context);
  return doStatus()(event);
};

/** Entry point of `GET /health`. */
export const health = (event: APIGatewayProxyEventV2, context: Context) => {
  log.addContext(context);
  return doHealth()(event);
};

/** Entry point of the queue's worker: SQS batches. */
export const work = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return doWork()(event, context);
};

/** Entry point of all routes below `/redrive`. */
export const redrive = (event: APIGatewayProxyEventV2, context: Context) => {
  log.addContext(context);
  return doRedrive()(event);
};

/** Entry point of the queue that calls for work on redrives. */
export const redriveRun = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return doRunRedrive()(event, context);
};
