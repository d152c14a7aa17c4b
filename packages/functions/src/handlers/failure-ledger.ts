import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context, S3Event, SQSEvent } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { createFailureLedger } from '../failure-ledger/create-failure-ledger.ts';
import { readFailureLedgerSettings } from '../failure-ledger/settings.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'failure-ledger' });

const ledger = createFailureLedger({
  now: ambient.now,
  s3: new S3Client({ logger: sdkLog }),
  dynamodb: new DynamoDBClient({ logger: sdkLog }),
  log,
  settings: readFailureLedgerSettings(process.env),
});

/** Entry point of a failure ledger: SQS batches with `ReportBatchItemFailures`, and objects that are gone. */
export const handler = (event: SQSEvent | S3Event, context: Context) => {
  log.addContext(context);
  return ledger(event, context);
};
