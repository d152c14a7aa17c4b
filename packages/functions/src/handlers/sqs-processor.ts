import { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { standardOutput } from '../emf.ts';
import { createSqsProcessor, readSqsProcessorSettings } from '../patterns/create-sqs-processor.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'sqs-processor' });

const processBatch = createSqsProcessor({
  now: ambient.now,
  sleep: ambient.sleep,
  sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
  log,
  metrics: standardOutput,
  ...readSqsProcessorSettings(process.env),
});

/** Entry point of a processor of messages that choose their outcome: SQS batches. */
export const handler = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return processBatch(event);
};
