import { type EpochMs, SECOND_MS } from '@holdfast/kernel';
import type { Collection, HttpCall, HttpOutcome, ServiceEnvironment } from '../../core/index.ts';
import type { DeliveryLog } from './delivery-log.ts';
import {
  DEFAULT_REQUEST_POLICY,
  type HttpDeliveryPolicy,
  httpDeliveryPolicy,
  retryDelaysMs,
} from './delivery-policy.ts';
import { type Confirmation, type Envelopes, textFor } from './envelope.ts';
import type { PublishedMessage, StoredSubscription } from './stored.ts';
import { recordMetric } from './topic-metrics.ts';
import type { Subscription, Topic, TopicTable } from './topic-table.ts';

/** How long SNS waits for an endpoint. */
const TIMEOUT_MS = 15 * SECOND_MS;

/** A request that waits to be sent, or for its answer. Stored until the endpoint has taken it or it is given up. */
interface PendingRequest {
  readonly subscriptionArn: string;
  readonly topicArn: string;
  readonly type: 'Notification' | Confirmation['type'];
  /** Of a confirmation; a notification is written anew for each try. */
  readonly call?: HttpCall | undefined;
  /** Of a notification. */
  readonly message?: PublishedMessage | undefined;
  /** Requests made so far. */
  readonly attempts: number;
  readonly dueAt: EpochMs;
}

type Verdict = 'taken' | 'again' | 'refused';

/** 429 and faults are tried again, like silence; what an endpoint refuses otherwise it would refuse again. */
const judge = (outcome: HttpOutcome): Verdict => {
  if (outcome.kind === 'failed') return 'again';
  const { status } = outcome;
  if (status >= 200 && status < 300) return 'taken';
  return status === 429 || status >= 500 ? 'again' : 'refused';
};

/**
 * Brings messages to HTTP endpoints by the delivery policy in force: at most so many per second, again after its delays
 * while the endpoint fails, and to the subscription's dead-letter queue in the end.
 */
export class HttpCourier {
  readonly #environment: ServiceEnvironment;
  readonly #table: TopicTable;
  readonly #envelopes: Envelopes;
  readonly #log: DeliveryLog;
  readonly #giveUp: (topic: Topic, subscription: Subscription, message: PublishedMessage) => void;
  readonly #stored: Collection<PendingRequest>;
  readonly #pending: Map<string, PendingRequest>;
  /** When a throttled subscription may get its next message, as a fraction of milliseconds. */
  readonly #nextFreeAt = new Map<string, number>();

  constructor(
    environment: ServiceEnvironment,
    table: TopicTable,
    envelopes: Envelopes,
    log: DeliveryLog,
    giveUp: (topic: Topic, subscription: Subscription, message: PublishedMessage) => void,
  ) {
    this.#environment = environment;
    this.#table = table;
    this.#envelopes = envelopes;
    this.#log = log;
    this.#giveUp = giveUp;
    this.#stored = environment.store.collection('sns.http-requests');
    this.#pending = new Map(this.#stored.entries());
  }

  /** Sends again what had no answer when the process ended. */
  start(): void {
    const now = this.#environment.clock.now();
    const waiting = [...this.#pending].sort(([, a], [, b]) => a.dueAt - b.dueAt);
    for (const [id, { dueAt }] of waiting) this.#schedule(id, Math.max(dueAt, now));
  }

  send(topic: Topic, subscription: Subscription, message: PublishedMessage): void {
    const { arn, topicArn } = subscription.facts;
    this.#take(topic, subscription.facts, {
      subscriptionArn: arn,
      topicArn,
      type: 'Notification',
      message,
      attempts: 0,
      dueAt: message.at,
    });
  }

  /** Asks the endpoint to confirm that it wants messages, or that it does not any more. */
  confirm(topic: Topic, subscription: StoredSubscription, confirmation: Confirmation): void {
    const isOfSubscription = confirmation.type === 'UnsubscribeConfirmation';
    this.#take(topic, subscription, {
      subscriptionArn: subscription.arn,
      topicArn: subscription.topicArn,
      type: confirmation.type,
      call: {
        ...CALL,
        url: subscription.endpoint,
        headers: headersOf(confirmation.type, confirmation.messageId, DEFAULT_REQUEST_POLICY.headerContentType, {
          'x-amz-sns-topic-arn': topic.facts.arn,
          ...(isOfSubscription ? { 'x-amz-sns-subscription-arn': subscription.arn } : {}),
        }),
        body: this.#envelopes.confirmation(topic, subscription, confirmation),
      },
      attempts: 0,
      dueAt: confirmation.at,
    });
  }

  #take(topic: Topic, subscription: StoredSubscription, pending: PendingRequest): void {
    const id = this.#environment.ids.uuid();
    const dueAt = this.#slotFor(topic, subscription, pending.dueAt);
    this.#keep(id, { ...pending, dueAt });
  }

  #keep(id: string, pending: PendingRequest): void {
    this.#pending.set(id, pending);
    this.#stored.put(id, pending);
    this.#schedule(id, pending.dueAt);
  }

  /** The first moment from `at` on at which the throttle lets a request through. */
  #slotFor(topic: Topic, subscription: StoredSubscription, at: EpochMs): EpochMs {
    const { throttlePolicy } = policyOf(topic, subscription);
    if (throttlePolicy === null) return at;
    const slot = Math.max(at, this.#nextFreeAt.get(subscription.arn) ?? 0);
    this.#nextFreeAt.set(subscription.arn, slot + SECOND_MS / throttlePolicy.maxReceivesPerSecond);
    return Math.ceil(slot);
  }

  #schedule(id: string, dueAt: EpochMs): void {
    this.#environment.timers.schedule(dueAt, () => this.#attempt(id));
  }

  #attempt(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const call = pending.call ?? this.#notificationCall(pending);
    if (call === undefined) {
      this.#drop(id, pending);
      return;
    }
    this.#environment.http.send(call, (outcome) => this.#settle(id, pending, outcome));
  }

  /** `undefined` when the subscription is gone. */
  #notificationCall({ subscriptionArn, message }: PendingRequest): HttpCall | undefined {
    const subscription = this.#table.subscriptions.get(subscriptionArn);
    const topic = subscription === undefined ? undefined : this.#table.topics.get(subscription.facts.topicArn);
    if (subscription === undefined || topic === undefined || message === undefined) return undefined;
    const { facts, isRaw } = subscription;
    const { requestPolicy } = policyOf(topic, facts);
    return {
      ...CALL,
      url: facts.endpoint,
      headers: headersOf('Notification', message.messageId, requestPolicy.headerContentType, {
        'x-amz-sns-topic-arn': topic.facts.arn,
        'x-amz-sns-subscription-arn': facts.arn,
        ...(isRaw ? { 'x-amz-sns-rawdelivery': 'true' } : {}),
      }),
      body: isRaw ? textFor(message, facts.protocol) : this.#envelopes.notification(topic, facts, message),
    };
  }

  #settle(id: string, before: PendingRequest, outcome: HttpOutcome): void {
    const pending = { ...before, attempts: before.attempts + 1 };
    const topic = this.#table.topics.get(pending.topicArn);
    const subscription = this.#table.subscriptions.get(pending.subscriptionArn);
    const verdict = judge(outcome);
    const policyHolder = subscription?.facts;
    if (verdict === 'again' && topic !== undefined && policyHolder !== undefined) {
      const delayMs = retryDelaysMs(policyOf(topic, policyHolder).healthyRetryPolicy)[pending.attempts - 1];
      if (delayMs !== undefined) {
        const dueAt = this.#slotFor(topic, policyHolder, this.#environment.clock.now() + delayMs);
        this.#keep(id, { ...pending, dueAt });
        return;
      }
    }
    this.#drop(id, pending);
    if (pending.message === undefined || topic === undefined || subscription === undefined) return;
    const isSuccess = verdict === 'taken';
    if (isSuccess) recordMetric(this.#environment, topic, 'NumberOfNotificationsDelivered');
    else this.#giveUp(topic, subscription, pending.message);
    this.#log.write(topic, subscription.facts, pending.message, textFor(pending.message, subscription.facts.protocol), {
      isSuccess,
      attempts: pending.attempts,
      statusCode: outcome.kind === 'answered' ? outcome.status : 0,
      providerResponse: outcome.kind === 'answered' ? outcome.body : outcome.message,
    });
  }

  #drop(id: string, { subscriptionArn }: PendingRequest): void {
    this.#pending.delete(id);
    this.#stored.delete(id);
    if (!this.#table.subscriptions.has(subscriptionArn)) this.#nextFreeAt.delete(subscriptionArn);
  }
}

const CALL = { method: 'POST', timeoutMs: TIMEOUT_MS } as const;

const policyOf = (topic: Topic, { attributes }: StoredSubscription): HttpDeliveryPolicy =>
  httpDeliveryPolicy(topic.facts.attributes['DeliveryPolicy'], attributes['DeliveryPolicy']);

const headersOf = (
  type: PendingRequest['type'],
  messageId: string,
  contentType: string,
  about: Readonly<Record<string, string>>,
): Record<string, string> => ({
  'x-amz-sns-message-type': type,
  'x-amz-sns-message-id': messageId,
  ...about,
  'Content-Type': contentType,
  'User-Agent': 'Amazon Simple Notification Service Agent',
  'Accept-Encoding': 'gzip,deflate',
});
