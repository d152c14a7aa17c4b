import type * as Sdk from '@aws-sdk/client-sns';
import type {
  ConfirmSubscriptionCommandInput,
  SetSubscriptionAttributesCommandInput,
  SubscribeCommandInput,
  UnsubscribeCommandInput,
} from '@aws-sdk/client-sns';
import { parseArn, rootArn } from '@holdfast/aws-model';
import {
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { Confirmation } from './envelope.ts';
import { invalidParameter, mustSign, subscriptionNotFound } from './errors.ts';
import { checkSubscriptionArn } from './names.ts';
import { PROTOCOLS, type Protocol, type StoredSubscription } from './stored.ts';
import { describeSubscription, hasAttributes, withSubscriptionAttributes } from './subscription-attributes.ts';
import type { Subscription, Topic } from './topic-table.ts';
import { page, type SnsWiring } from './wiring.ts';

/** Protocols of SNS that nothing here delivers to. */
const UNMODELLED_PROTOCOLS = ['sms', 'firehose', 'application'];

const PENDING = 'pending confirmation';

const isHttp = (protocol: Protocol): boolean => protocol === 'http' || protocol === 'https';

const readProtocol = (name: string | undefined): Protocol => {
  if (UNMODELLED_PROTOCOLS.includes(name ?? '')) throw notSupported(`SNS subscriptions with protocol ${name}`);
  if (!PROTOCOLS.includes(name as Protocol)) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${name}`);
  }
  return name as Protocol;
};

const checkEndpoint = (topic: Topic, protocol: Protocol, endpoint: string, { http }: ServiceEnvironment): void => {
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
    case 'http':
    case 'https': {
      if (!endpoint.startsWith(`${protocol}://`)) {
        throw invalidParameter('Endpoint must match the specified protocol');
      }
      const refusal = http.refusalOf(endpoint);
      if (refusal !== undefined) throw notSupported(`the SNS endpoint ${endpoint}: ${refusal}`);
      break;
    }
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
  const { table, environment, outbox, http, ended } = wiring;

  const ask = (topic: Topic, facts: StoredSubscription, type: Confirmation['type'], token: string): void =>
    http.confirm(topic, facts, { type, token, messageId: environment.ids.uuid(), at: environment.clock.now() });

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
    checkEndpoint(topic, protocol, endpoint, environment);
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
      // Whoever has not answered yet is asked again.
      if (facts.confirmationToken !== undefined && isHttp(protocol)) {
        ask(topic, facts, 'SubscriptionConfirmation', facts.confirmationToken);
      }
      return answer(facts, input);
    }
    const isConfirmed =
      protocol === 'sqs' || protocol === 'lambda' || (!isHttp(protocol) && wiring.confirmsMailAtOnce());
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
    if (facts.confirmationToken !== undefined && isHttp(protocol)) {
      ask(topic, facts, 'SubscriptionConfirmation', facts.confirmationToken);
    } else if (facts.confirmationToken !== undefined) {
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
    const topicArn = parseArn(input.TopicArn ?? '');
    const token = input.Token ?? '';
    if (!/^[0-9a-f]+$/i.test(token)) throw new ServiceError('InvalidParameter', 'Invalid token', 400);
    const known = table.withToken(token)?.facts;
    // A link carries no signature, and so no region: it counts where its topic is.
    const region =
      context.accessKeyId === undefined && known !== undefined ? parseArn(known.arn)?.region : context.region;
    if (topicArn?.service !== 'sns' || topicArn.region !== region) throw invalidParameter('Topic');
    const facts = known ?? ended.take(token);
    // On AWS the token alone decides: any topic of the region does.
    if (facts === undefined || !table.topics.has(facts.topicArn)) throw invalidParameter('Token');
    if (facts.confirmedToken === token && known !== undefined) return { SubscriptionArn: facts.arn };
    const { confirmationToken: _, ...confirmed } = facts;
    table.putSubscription({
      ...confirmed,
      confirmedToken: token,
      ...(context.accessKeyId === undefined ? { isConfirmedByAnyone: true } : {}),
      ...(input.AuthenticateOnUnsubscribe === 'true' ? { authenticatesOnUnsubscribe: true } : {}),
    });
    return { SubscriptionArn: confirmed.arn };
  };

  const unsubscribe = (input: UnsubscribeCommandInput, context: RequestContext) => {
    const subscription = table.subscriptions.get(checkSubscriptionArn(input.SubscriptionArn));
    if (subscription === undefined) return {};
    const { facts } = subscription;
    const isAnyone = context.accessKeyId === undefined && context.host !== undefined;
    if (isAnyone && facts.authenticatesOnUnsubscribe === true) throw mustSign();
    const topic = table.topics.get(facts.topicArn);
    table.dropSubscription(subscription);
    if (isAnyone && topic !== undefined && isHttp(facts.protocol) && facts.confirmationToken === undefined) {
      const token = environment.ids.hex(64);
      ended.keep(token, facts);
      ask(topic, facts, 'UnsubscribeConfirmation', token);
    }
    return {};
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
    ConfirmSubscription: operation(['TopicArn', 'Token', 'AuthenticateOnUnsubscribe'], confirm),
    Unsubscribe: operation(['SubscriptionArn'], unsubscribe),
    GetSubscriptionAttributes: operation(['SubscriptionArn'], (input, context) => {
      const { facts } = find(input.SubscriptionArn, context);
      const policy = table.topics.get(facts.topicArn)?.facts.attributes['DeliveryPolicy'];
      return { Attributes: describeSubscription(facts, policy) };
    }),
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
