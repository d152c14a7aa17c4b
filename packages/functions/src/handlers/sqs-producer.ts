import { SQSClient } from '@aws-sdk/client-sqs';
import { ambient } from '../ambient.ts';
import { createSqsProducer, readSqsProducerSettings } from '../patterns/create-sqs-producer.ts';
import { sdkLog } from '../sdk-log.ts';

/** Entry point of a producer of bursts: invoked by hand. */
export const handler = createSqsProducer({
  now: ambient.now,
  random: ambient.random,
  sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
  settings: readSqsProducerSettings(process.env),
});
