import { bucketArn } from '@holdfast/aws-model';
import { openQueue } from '../failure-queues/open-queue.ts';
import type { Target } from '../target.ts';

/**
 * The ARN of where dead letters lie: a queue by its name or a part of it, its URL or ARN; a state machine by its ARN;
 * archived ones as `s3://bucket/prefix`.
 */
export const findSource = async (target: Target, named: string): Promise<string> => {
  if (named.startsWith('s3://')) return bucketArn(named.slice('s3://'.length));
  if (/^arn:[^:]*:(?:s3|states):/.test(named)) return named;
  return (await openQueue(target, named)).arn;
};
