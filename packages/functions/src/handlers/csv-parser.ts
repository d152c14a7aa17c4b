import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { createCsvParser } from '../csv-parser/create-csv-parser.ts';
import { readCsvParserSettings } from '../csv-parser/settings.ts';
import { PIPELINE } from '../pipeline-names.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: PIPELINE.functions.parser });

const parse = createCsvParser({
  ...ambient,
  s3: new S3Client({ logger: sdkLog }),
  dynamodb: new DynamoDBClient({ logger: sdkLog }),
  sns: new SNSClient({ logger: sdkLog }),
  // The endpoint is where this environment says; the host in a queue's URL is where it was when the stack was deployed.
  sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
  log,
  settings: readCsvParserSettings(process.env),
});

/** Entry point of the `csv-parser` function: an S3 event, asynchronously, or the retry function, synchronously. */
export const handler = (event: unknown, context: Context) => {
  log.addContext(context);
  return parse(event, context);
};
