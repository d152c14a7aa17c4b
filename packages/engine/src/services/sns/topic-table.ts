import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import { topicNotFound } from './errors.ts';
import { type FilterNode, type FilterScope, readFilterPolicy } from './filter-policy.ts';
import { checkTopicArn } from './names.ts';
import type { StoredSubscription, StoredTopic } from './stored.ts';

/** A subscription with what is read from its attributes once and used for every message. */
export interface Subscription {
  readonly facts: StoredSubscription;
  readonly filter: FilterNode | undefined;
  readonly scope: FilterScope;
  readonly isRaw: boolean;
  readonly deadLetterArn: string | undefined;
}

export interface Topic {
  facts: StoredTopic;
  readonly isFifo: boolean;
  /** By ARN, oldest first. */
  readonly subscriptions: Map<string, Subscription>;
}

const prepare = (facts: StoredSubscription): Subscription => {
  const { FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy } = facts.attributes;
  return {
    facts,
    filter: FilterPolicy === undefined ? undefined : readFilterPolicy(FilterPolicy),
    scope: FilterPolicyScope === 'MessageBody' ? 'MessageBody' : 'MessageAttributes',
    isRaw: RawMessageDelivery === 'true',
    deadLetterArn:
      RedrivePolicy === undefined
        ? undefined
        : (JSON.parse(RedrivePolicy) as { readonly deadLetterTargetArn: string }).deadLetterTargetArn,
  };
};

/** All topics and subscriptions, by ARN, every change stored as it happens. */
export class TopicTable {
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();
  /** ARNs by the token that confirms or has confirmed them. */
  readonly #byToken = new Map<string, string>();
  readonly #storedTopics: Collection<StoredTopic>;
  readonly #storedSubscriptions: Collection<StoredSubscription>;

  constructor(environment: ServiceEnvironment) {
    this.#storedTopics = environment.store.collection<StoredTopic>('sns.topics');
    this.#storedSubscriptions = environment.store.collection<StoredSubscription>('sns.subscriptions');
    for (const [, facts] of this.#storedTopics.entries()) this.#keep(facts);
    const subscriptions = [...this.#storedSubscriptions.entries()].map(([, facts]) => facts);
    for (const facts of subscriptions.sort((a, b) => a.createdAt - b.createdAt)) this.#attach(facts);
  }

  /** @throws ServiceError when the ARN is none, of another region, or names no topic */
  topic(arn: string | undefined, region?: string): Topic {
    const checked = checkTopicArn(arn, region);
    const topic = this.topics.get(checked);
    if (topic === undefined) throw topicNotFound();
    return topic;
  }

  /** The subscription that a token confirms, or has confirmed. */
  withToken(token: string): Subscription | undefined {
    const arn = this.#byToken.get(token);
    return arn === undefined ? undefined : this.subscriptions.get(arn);
  }

  create(facts: StoredTopic): void {
    this.#keep(facts);
    this.#storedTopics.put(facts.arn, facts);
  }

  change(topic: Topic, change: Partial<StoredTopic>): void {
    topic.facts = { ...topic.facts, ...change };
    this.#storedTopics.put(topic.facts.arn, topic.facts);
  }

  drop(topic: Topic): void {
    for (const subscription of [...topic.subscriptions.values()]) this.#detach(subscription);
    this.topics.delete(topic.facts.arn);
    this.#storedTopics.delete(topic.facts.arn);
  }

  /** Adds a subscription, or replaces it under the same ARN. */
  putSubscription(facts: StoredSubscription): Subscription {
    this.#storedSubscriptions.put(facts.arn, facts);
    return this.#attach(facts);
  }

  dropSubscription(subscription: Subscription): void {
    const topic = this.topics.get(subscription.facts.topicArn);
    this.#detach(subscription);
    if (topic !== undefined) this.change(topic, { subscriptionsDeleted: topic.facts.subscriptionsDeleted + 1 });
  }

  #keep(facts: StoredTopic): void {
    const isFifo = facts.attributes['FifoTopic'] === 'true';
    this.topics.set(facts.arn, { facts, isFifo, subscriptions: new Map() });
  }

  #attach(facts: StoredSubscription): Subscription {
    const subscription = prepare(facts);
    this.subscriptions.set(facts.arn, subscription);
    const token = facts.confirmationToken ?? facts.confirmedToken;
    if (token !== undefined) this.#byToken.set(token, facts.arn);
    this.topics.get(facts.topicArn)?.subscriptions.set(facts.arn, subscription);
    return subscription;
  }

  #detach(subscription: Subscription): void {
    const { arn, topicArn, confirmationToken, confirmedToken } = subscription.facts;
    this.#byToken.delete(confirmationToken ?? confirmedToken ?? '');
    this.subscriptions.delete(arn);
    this.topics.get(topicArn)?.subscriptions.delete(arn);
    this.#storedSubscriptions.delete(arn);
  }
}
