import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context, SQSEvent } from 'aws-lambda';
import { createErrorProcessor } from '../error-processor/create-error-processor.ts';
import { readErrorProcessorSettings } from '../error-processor/settings.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'error-processor' });

const summarise = createErrorProcessor({
  s3: new S3Client({ logger: sdkLog }),
  dynamodb: new DynamoDBClient({ logger: sdkLog }),
  log,
  settings: readErrorProcessorSettings(process.env),
});

/** Entry point of the `error-processor` function: SQS batches with `ReportBatchItemFailures`. */
export const handler = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return summarise(event, context);
};
