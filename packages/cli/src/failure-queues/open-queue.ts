import { SQSClient } from '@aws-sdk/client-sqs';
import { SqsQueue } from '@holdfast/ledger';
import { engineClock } from '../engine-clock.ts';
import type { Target } from '../target.ts';
import { queueUrlOf } from './find-queues.ts';

/** A queue by its name or a part of it, its URL or ARN; an engine shows its messages without a receive. */
export const openQueue = async (target: Target, named: string): Promise<SqsQueue> => {
  const isEngine = target.endpoint !== undefined && (await engineClock(target.endpoint)) !== undefined;
  return SqsQueue.open(target, await queueUrlOf(new SQSClient(target), named), isEngine);
};
