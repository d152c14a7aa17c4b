import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { requiredText } from '../environment.ts';
import { announcerOn } from '../ingestion/announce.ts';
import { correlatedLog } from '../ingestion/correlated-log.ts';
import { createIngest } from '../ingestion/create-ingest.ts';
import { createHealth, createStatus } from '../ingestion/create-queries.ts';
import { createRedrive } from '../ingestion/create-redrive.ts';
import { createWorker } from '../ingestion/create-worker.ts';
import { eventRecordsIn } from '../ingestion/event-records.ts';
import { failureModeFrom } from '../ingestion/failure-mode.ts';
import { correlationIdOf } from '../ingestion/http-answer.ts';
import { idempotencyIn } from '../ingestion/idempotency.ts';
import { orderProcessor } from '../ingestion/processor.ts';
import { createPublisher } from '../ingestion/publish.ts';
import { redriveParts } from '../ingestion/redrive-settings.ts';
import { createRedriveRun } from '../ingestion/run-redrive.ts';
import { failureModeParameter, readTableSettings, readWorkerSettings } from '../ingestion/settings.ts';
import { sharedBreaker } from '../ingestion/shared-breaker.ts';
import { tracingBy } from '../ingestion/tracing.ts';
import { withCorrelationId } from '../middleware/correlation.ts';
import { sdkLog } from '../sdk-log.ts';

/*
 * Six functions, each with a role and an environment of its own, from one bundle: most of it is the SDK, and it is built,
 * uploaded and kept once. What a function does not do it does not set up.
 */

const env = process.env;
const { now } = ambient;
// All three take the name of the service, which has that of the environment in it, from POWERTOOLS_SERVICE_NAME.
const logger = new Logger();
const log = correlatedLog(logger);
const tracer = new Tracer({ captureHTTPsRequests: false });
const trace = tracingBy(tracer);
const metrics = new Metrics({ namespace: 'Holdfast/Ingestion' });
const count = (metric: string): void => void metrics.addMetric(metric, MetricUnit.Count, 1);
const dynamodb = tracer.captureAWSv3Client(new DynamoDBClient({ logger: sdkLog }));
const sqs = tracer.captureAWSv3Client(new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }));

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

const parameters = lazily(
  () => new SSMProvider({ awsSdkV3Client: tracer.captureAWSv3Client(new SSMClient({ logger: sdkLog })) }),
);
const readFailureMode = () => parameters().get(failureModeParameter(env), { maxAge: FAILURE_MODE_MAX_AGE_SECONDS });
const failureMode = failureModeFrom({ read: readFailureMode, now, log, retryMs: FAILURE_MODE_MAX_AGE_SECONDS * 1_000 });

const doIngest = lazily(() => {
  const publish = createPublisher(sqs, requiredText(env, 'QUEUE_URL'));
  return createIngest({ now, log, trace, records: records(), publish, failureMode });
});
const doStatus = lazily(() => createStatus(records(), log));
const doHealth = lazily(() => {
  const QueueUrl = requiredText(env, 'QUEUE_URL');
  const checks = {
    table: () => records().read('health'),
    queue: () => sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] })),
    failureMode: readFailureMode,
  };
  return createHealth(checks, log);
});
const doWork = lazily(() => {
  const tables = readTableSettings(env);
  const changed = (service: string, phase: string): void => {
    log.warn('circuit breaker changed', { service, phase });
    count(`Breaker-${phase}`);
  };
  return createWorker({
    ...ambient,
    sqs,
    log,
    trace,
    count,
    records: records(),
    announcer: announcerOn(
      tracer.captureAWSv3Client(new EventBridgeClient({ logger: sdkLog })),
      requiredText(env, 'EVENT_BUS_NAME'),
    ),
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
const doRunRedrive = lazily(() => createRedriveRun({ now, log, ...redriving(), count }));

type Handler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/** An invocation of a function, which sets up what it does at its first. */
const entry =
  <Event, Answer>(handler: () => Handler<Event, Answer>): Handler<Event, Answer> =>
  async (event, context) => {
    logger.addContext(context);
    try {
      return await trace.part(`## ${env['_HANDLER']}`, () => {
        tracer.annotateColdStart();
        tracer.addServiceNameAnnotation();
        return handler()(event, context);
      });
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };

/** The same for a request, which is one thing that is processed. */
const httpEntry = <Answer>(handler: () => Handler<APIGatewayProxyEventV2, Answer>) =>
  entry(() => (event: APIGatewayProxyEventV2, context) => {
    const correlationId = correlationIdOf(event);
    trace.note({ correlationId });
    return withCorrelationId(correlationId, () => handler()(event, context));
  });

/** Entry point of `POST /events`. */
export const ingest = httpEntry(doIngest);

/** Entry point of `GET /events/{id}`. */
export const status = httpEntry(doStatus);

/** Entry point of `GET /health`. */
export const health = httpEntry(doHealth);

/** Entry point of the queue's worker: SQS batches. */
export const work = entry(doWork);

/** Entry point of all routes below `/redrive`. */
export const redrive = httpEntry(doRedrive);

/** Entry point of the queue that calls for work on redrives. */
export const redriveRun = entry(doRunRedrive);
