import { notSupported } from '../../core/index.ts';
import { isRoleArn } from './delivery-log.ts';
import { DEFAULT_REQUEST_POLICY, DEFAULT_RETRY_POLICY, topicPolicyFault } from './delivery-policy.ts';
import { invalidParameter } from './errors.ts';
import { checkPolicy, policyOf } from './topic-policy.ts';
import type { Topic } from './topic-table.ts';

/** Attributes that are stored and given back; those below with a rule are checked first. */
const SETTABLE = [
  'DisplayName',
  'Policy',
  'DeliveryPolicy',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
  'ContentBasedDeduplication',
  'FifoThroughputScope',
  'MaximumMessageSize',
];

/** Known to SNS, with effects that are not modelled. */
const UNMODELLED = 'ArchivePolicy';

/** Logs of deliveries: written with a role, of as many successes as the rate says. */
const FEEDBACK_ROLE = /^(HTTP|Firehose|Lambda|Application|SQS)(Success|Failure)FeedbackRoleArn$/;
const FEEDBACK_RATE = /^(HTTP|Firehose|Lambda|Application|SQS)SuccessFeedbackSampleRate$/;

const oneOf = (name: string, value: string, allowed: readonly string[]): void => {
  if (!allowed.includes(value)) throw invalidParameter(`${name} Reason: Invalid value [${value}]`);
};

const checkDeliveryPolicy = (value: string): void => {
  let policy: unknown;
  try {
    policy = JSON.parse(value === '' ? '{}' : value);
  } catch {
    throw invalidParameter('DeliveryPolicy: failed to parse JSON.');
  }
  const fault = topicPolicyFault(policy);
  if (fault !== undefined) throw invalidParameter(`DeliveryPolicy: ${fault}`);
};

/** Checks one attribute. `unknown` is what to say to a name that SNS does not know. */
const checkAttribute = (name: string, value: string, isFifo: boolean, unknown: string): void => {
  if (name === UNMODELLED) throw notSupported(`SNS topic attribute ${name}`);
  if (FEEDBACK_ROLE.test(name)) {
    if (value === '') return;
    if (/^(Firehose|Application)/.test(name)) throw notSupported(`SNS topic attribute ${name}`);
    if (!isRoleArn(value)) throw invalidParameter(`${name} Reason: Invalid ARN [${value}]`);
    return;
  }
  if (FEEDBACK_RATE.test(name)) {
    if (!/^(\d|[1-9]\d|100)$/.test(value)) throw invalidParameter(name);
    return;
  }
  if (!SETTABLE.includes(name)) throw invalidParameter(unknown);
  if (!isFifo && (name === 'ContentBasedDeduplication' || name === 'FifoThroughputScope') && value !== 'false') {
    throw invalidParameter(unknown);
  }
  switch (name) {
    case 'DisplayName':
      if (value.length > 100) throw invalidParameter('DisplayName');
      break;
    case 'Policy':
      if (value !== '') checkPolicy(value);
      break;
    case 'DeliveryPolicy':
      checkDeliveryPolicy(value);
      break;
    case 'SignatureVersion':
      oneOf(name, value, ['1', '2']);
      break;
    case 'TracingConfig':
      oneOf(name, value, ['PassThrough', 'Active']);
      break;
    case 'ContentBasedDeduplication':
      oneOf(name, value, ['true', 'false']);
      break;
    case 'MaximumMessageSize':
      if (value === '') break;
      if (!/^\d{1,7}$/.test(value) || Number(value) < 1_024 || Number(value) > 1_048_576) {
        throw invalidParameter('MaximumMessageSize');
      }
      break;
    case 'FifoThroughputScope':
      oneOf(name, value, ['Topic', 'MessageGroup']);
      break;
  }
};

/** Reads the attributes of CreateTopic. */
export const readTopicAttributes = (attributes: Readonly<Record<string, string>>, isFifo: boolean) => {
  const read: Record<string, string> = isFifo ? { FifoTopic: 'true', ContentBasedDeduplication: 'false' } : {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'FifoTopic') continue;
    checkAttribute(name, value, isFifo, `Attributes Reason: Unknown attribute ${name}`);
    read[name] = value;
  }
  return read;
};

/** The attributes after SetTopicAttributes; an empty value sets the default again. */
export const withTopicAttribute = (topic: Topic, name: string, value: string): Readonly<Record<string, string>> => {
  checkAttribute(name, value, topic.isFifo, 'AttributeName');
  const { [name]: _, ...others } = topic.facts.attributes;
  return value === '' && name !== 'DisplayName' ? others : { ...others, [name]: value };
};

const DEFAULT_HTTP_POLICY = {
  defaultHealthyRetryPolicy: DEFAULT_RETRY_POLICY,
  disableSubscriptionOverrides: false,
  defaultRequestPolicy: DEFAULT_REQUEST_POLICY,
};

const effectiveDeliveryPolicy = (policy: string | undefined): string => {
  const own = (policy === undefined ? {} : JSON.parse(policy)) as {
    readonly http?: Partial<typeof DEFAULT_HTTP_POLICY>;
  };
  return JSON.stringify({
    http: {
      ...DEFAULT_HTTP_POLICY,
      ...own.http,
      defaultHealthyRetryPolicy: {
        ...DEFAULT_HTTP_POLICY.defaultHealthyRetryPolicy,
        ...own.http?.defaultHealthyRetryPolicy,
      },
    },
  });
};

/** A delivery policy as it is given back: without what was set to null, and saying that subscriptions may differ. */
const shownDeliveryPolicy = (policy: string): string => {
  const { http, ...others } = JSON.parse(policy) as { readonly http?: Readonly<Record<string, unknown>> };
  const set = Object.entries(http ?? {}).filter(([, value]) => value !== null);
  return JSON.stringify({ http: { disableSubscriptionOverrides: false, ...Object.fromEntries(set) }, ...others });
};

/** What GetTopicAttributes shows. */
export const describeTopic = (topic: Topic): Record<string, string> => {
  const { facts, subscriptions } = topic;
  const pending = [...subscriptions.values()].filter((one) => one.facts.confirmationToken !== undefined).length;
  const policy = facts.attributes['DeliveryPolicy'];
  return {
    DisplayName: '',
    ...facts.attributes,
    ...(policy === undefined ? {} : { DeliveryPolicy: shownDeliveryPolicy(policy) }),
    TopicArn: facts.arn,
    Owner: facts.account,
    Policy: policyOf(facts),
    EffectiveDeliveryPolicy: effectiveDeliveryPolicy(policy),
    SubscriptionsConfirmed: String(subscriptions.size - pending),
    SubscriptionsPending: String(pending),
    SubscriptionsDeleted: String(facts.subscriptionsDeleted),
  };
};
