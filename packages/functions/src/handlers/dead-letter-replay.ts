import { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { createDeadLetterReplay } from '../dead-letter-replay/create-dead-letter-replay.ts';
import { readDeadLetterReplaySettings } from '../dead-letter-replay/settings.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'dead-letter-replay' });

const replay = createDeadLetterReplay({
  random: ambient.random,
  sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
  log,
  settings: readDeadLetterReplaySettings(process.env),
});

/** Entry point of a replay: SQS batches with `ReportBatchItemFailures`. */
export const handler = (event: SQSEvent, context: Context) => {
  log.addContext(context);
  return replay(event, context);
};
