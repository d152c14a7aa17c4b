import { parseArn } from '@holdfast/aws-model';
import { invalidParameter } from './errors.ts';

const checkArn = (arn: string | undefined, parameter: string): string => {
  if (arn === undefined || (arn === '' && parameter === 'SubscriptionArn'))
    throw invalidParameter(`${parameter} Reason: no value for required parameter`);
  const elements = arn.split(':').length;
  if (elements < 6) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least 6 elements, not ${elements}`);
  }
  return arn;
};

/** Refuses what cannot name a topic; with a region also topics of another one. */
export const checkTopicArn = (arn: string | undefined, region?: string, parameter = 'TopicArn'): string => {
  const checked = checkArn(arn, parameter);
  const parsed = parseArn(checked);
  if (parsed?.service !== 'sns' || (region !== undefined && parsed.region !== region))
    throw invalidParameter(parameter);
  return checked;
};

/** Refuses what cannot name a subscription. */
export const checkSubscriptionArn = (arn: string | undefined): string => {
  const checked = checkArn(arn, 'SubscriptionArn');
  if (checked.split(':').length < 7) throw invalidParameter('SubscriptionId');
  return checked;
};

/** Whether a topic may have this name; FIFO topics end in `.fifo`. */
export const isValidTopicName = (name: string, isFifo: boolean): boolean => {
  const stem = isFifo && name.endsWith('.fifo') ? name.slice(0, -'.fifo'.length) : name;
  return isFifo === name.endsWith('.fifo') && name.length <= 256 && /^[A-Za-z0-9_-]+$/.test(stem);
};
