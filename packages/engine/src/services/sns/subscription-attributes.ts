import { parseArn } from '@holdfast/aws-model';
import { notSupported, ServiceError } from '../../core/index.ts';
import { shownPolicies, subscriptionPolicyFault } from './delivery-policy.ts';
import { invalidParameter } from './errors.ts';
import { FilterPolicyError, isNested, readFilterPolicy } from './filter-policy.ts';
import { parseFailureText } from './parse-failure.ts';
import type { StoredSubscription } from './stored.ts';
import type { Topic } from './topic-table.ts';

/** Policies per topic. */
const FILTER_POLICIES_MAX = 200;

const isBoolean = (value: string): boolean => /^(true|false)$/i.test(value);

const checkRedrivePolicy = (value: string, topic: Topic, endpoint: string, lead: string): void => {
  const fail = (detail: string): never => {
    throw invalidParameter(`${lead}RedrivePolicy: ${detail}`);
  };
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    fail(parseFailureText(value));
  }
  const target = (policy as { readonly deadLetterTargetArn?: unknown } | null)?.deadLetterTargetArn;
  const parsed = typeof target === 'string' ? parseArn(target) : undefined;
  const isFifo = topic.isFifo && endpoint.endsWith('.fifo');
  if (parsed?.service !== 'sqs') {
    fail('deadLetterTargetArn is an invalid arn');
  } else if (isFifo !== parsed.resource.endsWith('.fifo')) {
    fail(
      isFifo
        ? 'must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.'
        : 'must use a Standard queue as DLQ for a Subscription to a Standard Topic.',
    );
  }
};

const RAW_PROTOCOLS: readonly string[] = ['sqs', 'http', 'https'];

const isHttp = (protocol: string): boolean => protocol === 'http' || protocol === 'https';

const checkDeliveryPolicy = (value: string, { protocol }: Changed, lead: string): void => {
  if (value === '') return;
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    throw invalidParameter(`${lead}DeliveryPolicy: ${parseFailureText(value)}`);
  }
  if (!isHttp(protocol) && Object.keys(policy as object).length > 0) {
    throw notSupported(`SNS delivery policies of subscriptions with protocol ${protocol}`);
  }
  const fault = subscriptionPolicyFault(policy);
  if (fault !== undefined) throw invalidParameter(`${lead}DeliveryPolicy: ${fault}`);
};

/** What the checks need to know of a subscription. */
type Changed = Pick<StoredSubscription, 'protocol' | 'endpoint' | 'attributes'>;

/** Checks one attribute; `lead` stands before its name in every answer. */
const checkAttribute = (name: string, value: string, topic: Topic, subscription: Changed, lead: string): void => {
  switch (name) {
    case 'RawMessageDelivery':
      if (!isBoolean(value)) {
        throw invalidParameter(`${lead}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      }
      if (/^true$/i.test(value) && !RAW_PROTOCOLS.includes(subscription.protocol)) {
        throw invalidParameter(
          `${lead}RawMessageDelivery: Delivery protocol [${subscription.protocol}] does not support raw message delivery.`,
        );
      }
      return;
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody') {
        throw invalidParameter(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      }
      return;
    case 'FilterPolicy': {
      if (value === '') return;
      try {
        readFilterPolicy(value);
      } catch (error) {
        if (!(error instanceof FilterPolicyError)) throw error;
        throw invalidParameter(`${lead}FilterPolicy: ${error.message}`);
      }
      const filtered = [...topic.subscriptions.values()].filter((one) => one.filter !== undefined).length;
      if (filtered >= FILTER_POLICIES_MAX && subscription.attributes['FilterPolicy'] === undefined) {
        throw new ServiceError(
          'FilterPolicyLimitExceeded',
          `Could not complete request: filter policy limit of ${FILTER_POLICIES_MAX} per topic exceeded`,
          403,
        );
      }
      return;
    }
    case 'RedrivePolicy':
      if (value !== '') checkRedrivePolicy(value, topic, subscription.endpoint, lead);
      return;
    case 'DeliveryPolicy':
      checkDeliveryPolicy(value, subscription, lead);
      return;
    case 'SubscriptionRoleArn':
    case 'ReplayPolicy':
      throw notSupported(`SNS subscription attribute ${name}`);
    default:
      throw invalidParameter(lead === '' ? 'AttributeName' : `${lead}Unknown attribute ${name}`);
  }
};

/**
 * A subscription's attributes with others set; an empty value takes one away.
 *
 * @throws ServiceError when one is unknown or breaks a rule, alone or together
 */
export const withSubscriptionAttributes = (
  topic: Topic,
  subscription: Changed,
  changes: Readonly<Record<string, string>>,
  source: 'Subscribe' | 'SetSubscriptionAttributes',
): Readonly<Record<string, string>> => {
  const lead = source === 'Subscribe' ? 'Attributes Reason: ' : '';
  const attributes: Record<string, string> = { ...subscription.attributes };
  for (const [name, value] of Object.entries(changes)) {
    checkAttribute(name, value, topic, subscription, lead);
    if (value === '') delete attributes[name];
    else attributes[name] = name === 'RawMessageDelivery' ? value.toLowerCase() : value;
  }
  const policy = attributes['FilterPolicy'];
  if (policy !== undefined && attributes['FilterPolicyScope'] !== 'MessageBody' && isNested(readFilterPolicy(policy))) {
    throw invalidParameter('Filter policy scope MessageAttributes does not support nested filter policy');
  }
  return attributes;
};

const DEFAULTS: Readonly<Record<string, string>> = {
  FilterPolicyScope: 'MessageAttributes',
  RawMessageDelivery: 'false',
};

/** Whether subscribing again with `asked` asks for what is there, defaults included. */
export const hasAttributes = (facts: StoredSubscription, asked: Readonly<Record<string, string>>): boolean =>
  Object.entries(asked).every(([name, value]) => (facts.attributes[name] ?? DEFAULTS[name]) === value);

/** What GetSubscriptionAttributes shows; the scope of a filter only where there is one. */
export const describeSubscription = (
  { attributes, ...facts }: StoredSubscription,
  topicPolicy: string | undefined,
): Record<string, string> => {
  const { FilterPolicyScope, ...others } = { ...DEFAULTS, ...attributes };
  return {
    ...others,
    ...(attributes['FilterPolicy'] === undefined ? {} : { FilterPolicyScope }),
    ...(isHttp(facts.protocol) ? shownPolicies(topicPolicy, attributes['DeliveryPolicy']) : {}),
    SubscriptionArn: facts.arn,
    TopicArn: facts.topicArn,
    Protocol: facts.protocol,
    Endpoint: facts.endpoint,
    Owner: facts.owner,
    SubscriptionPrincipal: facts.principalArn,
    PendingConfirmation: String(facts.confirmationToken !== undefined),
    ConfirmationWasAuthenticated: String(facts.confirmationToken === undefined && facts.isConfirmedByAnyone !== true),
  };
};
