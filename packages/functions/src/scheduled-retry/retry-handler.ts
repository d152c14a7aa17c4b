import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { standardOutput } from '../emf.ts';
import { sdkLog } from '../sdk-log.ts';
import { createScheduledRetry, type ScheduledRetrySummary } from './create-scheduled-retry.ts';
import type { RetriedEvents } from './retried-events.ts';
import { readScheduledRetrySettings } from './settings.ts';

/** A handler that brings events back, with clients and settings from its environment. */
export const retryHandler = (
  events: RetriedEvents,
): ((event: unknown, context: Context) => Promise<ScheduledRetrySummary>) => {
  const log = new Logger({ serviceName: events.source });
  const retry = createScheduledRetry({
    ...ambient,
    sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
    // One attempt: how throttles are met is this function's own business.
    lambda: new LambdaClient({ logger: sdkLog, maxAttempts: 1 }),
    sns: new SNSClient({ logger: sdkLog }),
    s3: new S3Client({ logger: sdkLog }),
    dynamodb: new DynamoDBClient({ logger: sdkLog }),
    log,
    events,
    metrics: standardOutput,
    settings: readScheduledRetrySettings(process.env),
  });
  return (event, context) => {
    log.addContext(context);
    return retry(event, context);
  };
};
