import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context, SQSEvent } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { createProductValidator } from '../product-validator/create-product-validator.ts';
import { readProductValidatorSettings } from '../product-validator/settings.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'product-validator' });

const validate = createProductValidator({
  ...ambient,
  dynamodb: new DynamoDBClient({ logger: sdkLog }),
  log,
  settings: readProductValidatorSettings(process.env),
});

/** Entry point of the `product-validator` function: SQS batches with `ReportBatchItemFailures`. */
export const handler = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return validate(event, context);
};
