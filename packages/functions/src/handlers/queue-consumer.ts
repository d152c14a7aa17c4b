import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSEvent } from 'aws-lambda';
import { createQueueConsumer, readBatchAnswer } from '../patterns/create-queue-consumer.ts';

const log = new Logger({ serviceName: 'queue-consumer' });

const consume = createQueueConsumer({ log, answer: readBatchAnswer(process.env) });

/** Entry point of a consumer of orders: SQS batches. */
export const handler = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return consume(event);
};
