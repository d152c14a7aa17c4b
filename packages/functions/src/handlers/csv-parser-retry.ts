import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { createCsvParserRetry } from '../csv-parser-retry/create-csv-parser-retry.ts';
import { readCsvParserRetrySettings } from '../csv-parser-retry/settings.ts';
import { standardOutput } from '../emf.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'csv-parser-retry' });

const retry = createCsvParserRetry({
  ...ambient,
  sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
  // One attempt: how throttles are met is this function's own business.
  lambda: new LambdaClient({ logger: sdkLog, maxAttempts: 1 }),
  sns: new SNSClient({ logger: sdkLog }),
  s3: new S3Client({ logger: sdkLog }),
  dynamodb: new DynamoDBClient({ logger: sdkLog }),
  log,
  metrics: standardOutput,
  settings: readCsvParserRetrySettings(process.env),
});

/** Entry point of the `csv-parser-retry` function: a schedule's event, of which nothing is read. */
export const handler = (event: unknown, context: Context) => {
  log.addContext(context);
  return retry(event, context);
};
