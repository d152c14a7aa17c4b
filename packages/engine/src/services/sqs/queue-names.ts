import { makeArn, parseArn } from '@holdfast/aws-model';
import type { EngineSettings, RequestContext } from '../../core/index.ts';
import { invalidParameter, queueDoesNotExist } from './errors.ts';

/** `/<account>/<queue>`, or `/queue/<region>/<account>/<queue>`: clients may post to a queue's own URL. */
export const QUEUE_PATH = /^(?:\/queue\/[a-z0-9-]+)?\/(\d{12})\/([^/]+)\/?$/;

/** @throws ServiceError InvalidParameterValue with AWS's text for the kind of queue */
export const checkQueueName = (name: string, isFifo: boolean): void => {
  if (isFifo) {
    if (name.length > 80 || !/^[A-Za-z0-9_-]+\.fifo$/.test(name)) {
      throw invalidParameter(
        'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length',
      );
    }
  } else if (!/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
    throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
};

/** Path of a queue's URL from the region on, where the URL names it. */
const REGION_IN_PATH = /\/queue\/([a-z0-9-]+)$/;

/**
 * The ARN of the queue that a caller means by `QueueUrl`: a URL of any host and either style (only the last two path
 * segments count, and the region before them), a path, an ARN, or a bare name.
 *
 * Differs: AWS accepts URLs, and names as an undocumented favour; ARNs are ours.
 */
export const queueArnOf = (reference: string, context: RequestContext): string => {
  const lastSlash = reference.lastIndexOf('/');
  if (lastSlash < 0) {
    if (reference.startsWith('arn:')) {
      const parsed = parseArn(reference);
      if (parsed?.service !== 'sqs') throw queueDoesNotExist();
      return reference;
    }
    return makeArn('sqs', context.region, context.account, reference);
  }
  const name = reference.slice(lastSlash + 1);
  const accountSlash = reference.lastIndexOf('/', lastSlash - 1);
  const account = reference.slice(accountSlash + 1, lastSlash);
  const region = REGION_IN_PATH.exec(reference.slice(0, Math.max(0, accountSlash)))?.[1] ?? context.region;
  return makeArn('sqs', region, account, name);
};

/**
 * The URL under which a caller reaches a queue: on the host that this caller used. As that host stands for every
 * region, a queue of any other region than the usual one has its region in the path; on AWS it is in the host.
 */
export const queueUrlOf = (
  queue: { readonly region: string; readonly account: string; readonly name: string },
  host: string | undefined,
  settings: EngineSettings,
): string => {
  const origin = host === undefined ? settings.endpoint : `http://${host}`;
  const region = queue.region === settings.region ? '' : `/queue/${queue.region}`;
  return `${origin}${region}/${queue.account}/${queue.name}`;
};
