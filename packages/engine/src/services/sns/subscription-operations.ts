import type * as Sdk from '@aws-sdk/client-sns';
import type {
  ConfirmSubscriptionCommandInput,
  SetSubscriptionAttributesCommandInput,
  SubscribeCommandInput,
} from '@aws-sdk/client-sns';
import { parseArn, rootArn } from '@holdfast/aws-model';
import { notSupported, type Operations, operation, type RequestContext, ServiceError } from '../../core/index.ts';
import { invalidParameter, subscriptionNotFound } from './errors.ts';
import { checkSubscriptionArn, checkTopicArn } from './names.ts';
import { PROTOCOLS, type Protocol, type StoredSubscription } from './stored.ts';
import { describeSubscription, hasAttributes, withSubscriptionAttributes } from './subscription-attributes.ts';
import type { Subscription, Topic } from './topic-table.ts';
import { page, type SnsWiring } from './wiring.ts';

/** Protocols of SNS that nothing here delivers to. */
const UNMODELLED_PROTOCOLS = ['http', 'https', 'sms', 'firehose', 'application'];

const PENDING = 'pending confirmation';

const readProtocol = (name: string | undefined): Protocol => {
  if (UNMODELLED_PROTOCOLS.includes(name ?? '')) throw notSupported(`SNS subscriptions with protocol ${name}`);
  if (!PROTOCOLS.includes(name as Protocol)) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${name}`);
  }
  return name as Protocol;
};

const checkEndpoint = (topic: Topic, protocol: Protocol, endpoint: string): void => {
  const target = parseArn(endpoint);
  switch (protocol) {
    case 'sqs':
      if (target?.service !== 'sqs') throw invalidParameter('SQS endpoint ARN');
      if (!topic.isFifo && target.resource.endsWith('.fifo')) {
        throw invalidParameter(
          'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
        );
      }
      return;
    case 'lambda':
      if (target?.service !== 'lambda') throw invalidParameter('Lambda endpoint ARN');
      break;
    default:
      if (!/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalidParameter('Email address');
  }
  if (topic.isFifo) {
    throw invalidParameter(
      `Invalid parameter: Protocol Reason: FIFO topics can not have subscribers of protocol ${protocol}`,
    );
  }
};

const listed = ({ facts }: Subscription) => ({
  SubscriptionArn: facts.confirmationToken === undefined ? facts.arn : 'PendingConfirmation',
  Owner: facts.owner,
  Protocol: facts.protocol,
  Endpoint: facts.endpoint,
  TopicArn: facts.topicArn,
});

/** Subscriptions: making, confirming, describing, changing, ending. */
export const subscriptionOperations = (wiring: SnsWiring): Operations<typeof Sdk> => {
  const { table, environment, outbox } = wiring;

  const find = (subscriptionArn: string | undefined, context: RequestContext): Subscription => {
    const arn = checkSubscriptionArn(subscriptionArn);
    if (parseArn(arn)?.region !== context.region) throw invalidParameter('SubscriptionArn');
    const subscription = table.subscriptions.get(arn);
    if (subscription === undefined) throw subscriptionNotFound();
    return subscription;
  };

  const subscribe = (input: SubscribeCommandInput, context: RequestContext) => {
    const topic = table.topic(input.TopicArn, context.region);
    const protocol = readProtocol(input.Protocol);
    const endpoint = input.Endpoint ?? '';
    checkEndpoint(topic, protocol, endpoint);
    const attributes = withSubscriptionAttributes(
      topic,
      { protocol, endpoint, attributes: {} },
      input.Attributes ?? {},
      'Subscribe',
    );
    for (const { facts } of topic.subscriptions.values()) {
      if (facts.protocol !== protocol || facts.endpoint !== endpoint) continue;
      if (!hasAttributes(facts, attributes)) {
        throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
      }
      return answer(facts, input);
    }
    const isConfirmed = protocol === 'sqs' || protocol === 'lambda' || wiring.confirmsMailAtOnce();
    const facts: StoredSubscription = {
      arn: `${topic.facts.arn}:${environment.ids.uuid()}`,
      topicArn: topic.facts.arn,
      protocol,
      endpoint,
      owner: context.account,
      principalArn: context.callerArn ?? rootArn(context.account),
      createdAt: context.now,
      attributes,
      ...(isConfirmed ? {} : { confirmationToken: environment.ids.hex(64) }),
    };
    table.putSubscription(facts);
    if (facts.confirmationToken !== undefined) {
      outbox.capture({
        at: context.now,
        to: endpoint,
        topicArn: facts.topicArn,
        subject: 'AWS Notification - Subscription Confirmation',
        body: `You have chosen to subscribe to the topic:\n${facts.topicArn}\n\nTo confirm this subscription, call ConfirmSubscription with this token:\n${facts.confirmationToken}\n`,
      });
    }
    return answer(facts, input);
  };

  const confirm = (input: ConfirmSubscriptionCommandInput, context: RequestContext) => {
    const topicArn = checkTopicArn(input.TopicArn, context.region);
    const token = input.Token ?? '';
    if (!/^[0-9a-f]+$/i.test(token)) throw new ServiceError('InvalidParameter', 'Invalid token', 400);
    // Without the topic there is no such token either.
    const subscriptions = table.topics.get(topicArn)?.subscriptions.values() ?? [];
    const pending = [...subscriptions].find((one) => one.facts.confirmationToken === token);
    if (pending === undefined) throw invalidParameter('Token');
    const { confirmationToken: _, ...confirmed } = pending.facts;
    table.putSubscription(confirmed);
    return { SubscriptionArn: confirmed.arn };
  };

  const setAttributes = (input: SetSubscriptionAttributesCommandInput, context: RequestContext) => {
    const { facts } = find(input.SubscriptionArn, context);
    const topic = table.topic(facts.topicArn);
    const changes = { [input.AttributeName ?? '']: input.AttributeValue ?? '' };
    const attributes = withSubscriptionAttributes(topic, facts, changes, 'SetSubscriptionAttributes');
    table.putSubscription({ ...facts, attributes });
    return {};
  };

  return {
    Subscribe: operation(['TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn'], subscribe),
    ConfirmSubscription: operation(['TopicArn', 'Token'], confirm),
    Unsubscribe: operation(['SubscriptionArn'], (input) => {
      const subscription = table.subscriptions.get(checkSubscriptionArn(input.SubscriptionArn));
      if (subscription !== undefined) table.dropSubscription(subscription);
      return {};
    }),
    GetSubscriptionAttributes: operation(['SubscriptionArn'], (input, context) => ({
      Attributes: describeSubscription(find(input.SubscriptionArn, context).facts),
    })),
    SetSubscriptionAttributes: operation(['SubscriptionArn', 'AttributeName', 'AttributeValue'], setAttributes),
    ListSubscriptions: operation(['NextToken'], (input, context) => {
      const own = [...table.subscriptions.values()].filter(
        ({ facts }) => facts.owner === context.account && parseArn(facts.topicArn)?.region === context.region,
      );
      const { entries, ...next } = page(own, input.NextToken);
      return { Subscriptions: entries.map(listed), ...next };
    }),
    ListSubscriptionsByTopic: operation(['TopicArn', 'NextToken'], (input, context) => {
      const topic = table.topic(input.TopicArn, context.region);
      const { entries, ...next } = page([...topic.subscriptions.values()], input.NextToken);
      return { Subscriptions: entries.map(listed), ...next };
    }),
  };
};

const answer = (facts: StoredSubscription, input: SubscribeCommandInput) => ({
  SubscriptionArn: facts.confirmationToken !== undefined && input.ReturnSubscriptionArn !== true ? PENDING : facts.arn,
});
