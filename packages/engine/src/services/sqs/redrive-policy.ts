import { parseArn } from '@holdfast/aws-model';
import { objectIn, type ServiceError } from '../../core/index.ts';
import { invalidValue } from './errors.ts';

/** When and where a queue dead-letters. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Which queues may name this one as their dead-letter queue. */
export type RedriveAllowPolicy =
  | { readonly permission: 'allowAll' | 'denyAll' }
  | { readonly permission: 'byQueue'; readonly sourceQueueArns: readonly string[] };

export const MAX_RECEIVE_COUNT_MAX = 1_000;
export const SOURCE_QUEUES_BY_NAME_MAX = 10;

/**
 * Reads the `RedrivePolicy` attribute. `maxReceiveCount` may be a number or a string of digits.
 *
 * @throws ServiceError InvalidParameterValue
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
export const parseRedrivePolicy = (text: string): RedrivePolicy => {
  const refuse = (reason: string): ServiceError => invalidValue(text, 'RedrivePolicy', reason);
  const map = objectIn(text);
  if (map === undefined) throw refuse('Redrive policy is not a valid JSON map.');
  for (const mandatory of ['deadLetterTargetArn', 'maxReceiveCount']) {
    if (map[mandatory] === undefined || map[mandatory] === null || map[mandatory] === '') {
      throw refuse(`Redrive policy does not contain mandatory attribute: ${mandatory}.`);
    }
  }
  if (Object.keys(map).length > 2) {
    throw refuse('Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].');
  }
  const count = map['maxReceiveCount'];
  const maxReceiveCount =
    typeof count === 'number' ? count : typeof count === 'string' && /^-?\d+$/.test(count) ? Number(count) : Number.NaN;
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > MAX_RECEIVE_COUNT_MAX) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${String(count)}, valid values are from 1 to ${MAX_RECEIVE_COUNT_MAX} both inclusive.`,
    );
  }
  const target = map['deadLetterTargetArn'];
  if (typeof target !== 'string' || parseArn(target)?.service !== 'sqs') {
    throw refuse('Invalid value for deadLetterTargetArn.');
  }
  return { deadLetterTargetArn: target, maxReceiveCount };
};

/** Reads the `RedriveAllowPolicy` attribute. @throws ServiceError InvalidParameterValue */
export const parseRedriveAllowPolicy = (text: string): RedriveAllowPolicy => {
  const refuse = (reason: string): ServiceError => invalidValue(text, 'RedriveAllowPolicy', reason);
  const map = objectIn(text);
  if (map === undefined) throw refuse('Redrive allow policy is not a valid JSON map.');
  const { redrivePermission, sourceQueueArns, ...rest } = map;
  if (redrivePermission === undefined) {
    throw refuse('Redrive allow policy does not contain mandatory attribute: redrivePermission.');
  }
  if (Object.keys(rest).length > 0) {
    throw refuse('Only following attributes are supported: [redrivePermission, sourceQueueArns].');
  }
  if (redrivePermission !== 'allowAll' && redrivePermission !== 'denyAll' && redrivePermission !== 'byQueue') {
    throw refuse(`Invalid value for redrivePermission: ${String(redrivePermission)}.`);
  }
  if (redrivePermission !== 'byQueue') {
    if (sourceQueueArns !== undefined) {
      throw refuse(`sourceQueueArns can be specified only when redrivePermission is byQueue.`);
    }
    return { permission: redrivePermission };
  }
  const named = Array.isArray(sourceQueueArns) ? sourceQueueArns : [];
  if (named.length === 0) throw refuse('sourceQueueArns must be specified when redrivePermission is byQueue.');
  if (named.length > SOURCE_QUEUES_BY_NAME_MAX) {
    throw refuse(`sourceQueueArns can contain at most ${SOURCE_QUEUES_BY_NAME_MAX} queues.`);
  }
  for (const source of named) {
    if (typeof source !== 'string' || parseArn(source)?.service !== 'sqs') {
      throw refuse(`Invalid value in sourceQueueArns: ${String(source)}.`);
    }
  }
  return { permission: 'byQueue', sourceQueueArns: named as string[] };
};

/** Whether a queue with this allow policy may be the dead-letter queue of `sourceArn`. */
export const allowsRedriveFrom = (policy: RedriveAllowPolicy | undefined, sourceArn: string): boolean =>
  policy === undefined ||
  policy.permission === 'allowAll' ||
  (policy.permission === 'byQueue' && policy.sourceQueueArns.includes(sourceArn));

/** What a queue must fulfil to be somebody's dead-letter queue. */
export interface DeadLetterCandidate {
  readonly isFifo: boolean;
  readonly allowPolicy: RedriveAllowPolicy | undefined;
}

/** Checks a redrive policy against the world. @throws ServiceError InvalidParameterValue */
export const checkRedrivePolicy = (
  text: string,
  policy: RedrivePolicy,
  source: { readonly arn: string; readonly isFifo: boolean },
  target: DeadLetterCandidate | undefined,
): void => {
  const refuse = (reason: string): ServiceError => invalidValue(text, 'RedrivePolicy', reason);
  const sourceArn = parseArn(source.arn);
  const targetArn = parseArn(policy.deadLetterTargetArn);
  if (sourceArn?.account !== targetArn?.account) {
    throw refuse('Dead-letter target owner should be same as the source.');
  }
  if (sourceArn?.region !== targetArn?.region || target === undefined) {
    throw refuse('Dead letter target does not exist.');
  }
  if (target.isFifo !== source.isFifo) {
    throw refuse('Dead-letter queue must be same type of queue as the source.');
  }
  if (!allowsRedriveFrom(target.allowPolicy, source.arn)) {
    throw refuse(
      `Queue ${source.arn} is not permitted to use ${policy.deadLetterTargetArn} as its dead-letter queue by the redrive allow policy.`,
    );
  }
};
