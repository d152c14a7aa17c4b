import { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { standardOutput } from '../emf.ts';
import { createReaper, readReaperSettings } from '../patterns/create-reaper.ts';
import { sdkLog } from '../sdk-log.ts';

const log = new Logger({ serviceName: 'reaper' });

const reap = createReaper({
  now: ambient.now,
  sqs: new SQSClient({ logger: sdkLog, useQueueUrlAsEndpoint: false }),
  log,
  metrics: standardOutput,
  settings: readReaperSettings(process.env),
});

/** Entry point of a reaper: on a schedule. */
export const handler = (_event: unknown, context: Context) => {
  log.addContext(context);
  return reap();
};
