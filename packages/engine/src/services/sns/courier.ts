import { bytesOfBase64, type EpochMs, InvariantError } from '@holdfast/kernel';
import {
  type Collection,
  type DeliveryResult,
  type QueueMessage,
  type Sender,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { type DeliveryEnd, DeliveryLog } from './delivery-log.ts';
import { delayBeforeTryMs } from './delivery-schedule.ts';
import { Envelopes, textFor } from './envelope.ts';
import { HttpCourier } from './http-courier.ts';
import type { MailOutbox } from './mail-outbox.ts';
import type { PublishedMessage } from './stored.ts';
import { recordMetric } from './topic-metrics.ts';
import type { Subscription, Topic, TopicTable } from './topic-table.ts';

interface PendingDelivery {
  readonly subscriptionArn: string;
  readonly message: PublishedMessage;
  /** Tries so far; 0 while it waits behind another message of its group. */
  readonly tries: number;
  readonly dueAt: EpochMs;
}

/** Attributes that a queue takes; more make raw delivery a client-side failure. */
const RAW_ATTRIBUTES_MAX = 10;

const DEFAULT_SUBJECT = 'AWS Notification Message';

/** Whether trying again may help: the endpoint is there and lets us in, but failed or was busy. */
const isServerSide = (error: ServiceError): boolean =>
  error.status === 500 || error.status > 501 || error.status === 429 || /Throttl|TooManyRequests/.test(error.code);

/**
 * Brings messages to endpoints: within the turn of the publish, then by the schedule of SNS while the endpoint fails,
 * and to the subscription's dead-letter queue in the end. Whatever waits is stored.
 *
 * On a FIFO topic a message waits behind an earlier one of its group that is still being tried.
 */
export class Courier {
  readonly #environment: ServiceEnvironment;
  readonly #table: TopicTable;
  readonly #outbox: MailOutbox;
  readonly #envelopes: Envelopes;
  readonly #log: DeliveryLog;
  /** Has its own ladder, and waits for answers. */
  readonly http: HttpCourier;
  readonly #stored: Collection<PendingDelivery>;
  readonly #pending = new Map<string, PendingDelivery>();
  /** Ids of waiting deliveries by subscription and group, in order of arrival. */
  readonly #lines = new Map<string, string[]>();

  constructor(environment: ServiceEnvironment, table: TopicTable, outbox: MailOutbox) {
    this.#environment = environment;
    this.#table = table;
    this.#outbox = outbox;
    this.#envelopes = new Envelopes(environment);
    this.#log = new DeliveryLog(environment);
    this.http = new HttpCourier(environment, table, this.#envelopes, this.#log, (...given) => this.#giveUp(...given));
    this.#stored = environment.store.collection<PendingDelivery>('sns.pending-deliveries');
    const rows = [...this.#stored.entries()].sort(([, a], [, b]) =>
      (a.message.sequenceNumber ?? '').localeCompare(b.message.sequenceNumber ?? ''),
    );
    for (const [id, pending] of rows) {
      this.#pending.set(id, pending);
      this.#queueUp(id, pending);
    }
  }

  /** Number of deliveries that wait for another try. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Resumes what waited when the state was stored. */
  start(): void {
    for (const [id, pending] of this.#pending) if (this.#isFirst(id, pending)) this.#schedule(id, pending.dueAt);
    this.http.start();
  }

  send(topic: Topic, subscription: Subscription, message: PublishedMessage): void {
    const { arn: subscriptionArn, protocol } = subscription.facts;
    if (protocol === 'http' || protocol === 'https') {
      this.http.send(topic, subscription, message);
      return;
    }
    const line = lineOf(subscriptionArn, message);
    if (line !== undefined && this.#lines.has(line)) {
      this.#keep(this.#environment.ids.uuid(), { subscriptionArn, message, tries: 0, dueAt: message.at });
      return;
    }
    const again = this.#try(topic, subscription, message, 0);
    if (again === undefined) return;
    const pending = { subscriptionArn, message, tries: again.tries, dueAt: message.at + again.waitMs };
    const id = this.#environment.ids.uuid();
    this.#keep(id, pending);
    this.#schedule(id, pending.dueAt);
  }

  /** Tries until the schedule says to wait; `undefined` when the message is done with, one way or the other. */
  #try(
    topic: Topic,
    subscription: Subscription,
    message: PublishedMessage,
    triesBefore: number,
  ): { readonly tries: number; readonly waitMs: number } | undefined {
    for (let tries = triesBefore + 1; ; tries++) {
      const result = this.#hand(topic, subscription, message);
      if (result.ok) {
        recordMetric(this.#environment, topic, 'NumberOfNotificationsDelivered');
        this.#tell(topic, subscription, message, {
          isSuccess: true,
          statusCode: subscription.facts.protocol === 'lambda' ? 202 : 200,
        });
        return undefined;
      }
      const waitMs = isServerSide(result.error) ? delayBeforeTryMs(tries + 1) : undefined;
      if (waitMs === undefined) {
        this.#giveUp(topic, subscription, message);
        const { status: statusCode, message: providerResponse } = result.error;
        this.#tell(topic, subscription, message, { isSuccess: false, statusCode, providerResponse });
        return undefined;
      }
      if (waitMs > 0) return { tries, waitMs };
    }
  }

  #hand(topic: Topic, subscription: Subscription, message: PublishedMessage): DeliveryResult {
    const { deliver } = this.#environment;
    const { facts } = subscription;
    const sender = senderOf(topic, message);
    switch (facts.protocol) {
      case 'sqs':
        if (subscription.isRaw && Object.keys(message.attributes).length > RAW_ATTRIBUTES_MAX) {
          const text = `Number of message attributes [${Object.keys(message.attributes).length}] exceeds the allowed maximum [10].`;
          return { ok: false, error: new ServiceError('InvalidParameterValue', text, 400) };
        }
        return deliver.to(
          'queue',
          facts.endpoint,
          this.#queueMessage(topic, subscription, message, facts.endpoint),
          sender,
        );
      case 'lambda':
        return deliver.to('function', facts.endpoint, this.#envelopes.lambdaEvent(topic, facts, message), sender);
      case 'email':
      case 'email-json':
        this.#outbox.capture({
          at: this.#environment.clock.now(),
          to: facts.endpoint,
          topicArn: facts.topicArn,
          subject: message.subject ?? DEFAULT_SUBJECT,
          body:
            facts.protocol === 'email'
              ? textFor(message, 'email')
              : this.#envelopes.notification(topic, facts, message),
        });
        return { ok: true };
      case 'http':
      case 'https':
        throw new InvariantError('HTTP endpoints have a courier of their own');
    }
  }

  #tell(topic: Topic, subscription: Subscription, message: PublishedMessage, end: DeliveryEnd): void {
    this.#log.write(topic, subscription.facts, message, textFor(message, subscription.facts.protocol), end);
  }

  #queueMessage(topic: Topic, subscription: Subscription, message: PublishedMessage, queueArn: string): QueueMessage {
    const { facts, isRaw } = subscription;
    const keepsGroup = !topic.isFifo || queueArn.endsWith('.fifo');
    return {
      body: isRaw ? textFor(message, facts.protocol) : this.#envelopes.notification(topic, facts, message),
      ...(isRaw ? { attributes: rawAttributes(message) } : {}),
      ...(keepsGroup && message.groupId !== undefined ? { groupId: message.groupId } : {}),
      ...(keepsGroup && message.deduplicationId !== undefined ? { deduplicationId: message.deduplicationId } : {}),
    };
  }

  /** The dead-letter queue gets exactly what a queue in the endpoint's place would have got. */
  #giveUp(topic: Topic, subscription: Subscription, message: PublishedMessage): void {
    recordMetric(this.#environment, topic, 'NumberOfNotificationsFailed');
    const { deadLetterArn } = subscription;
    if (deadLetterArn === undefined) return;
    const { ok } = this.#environment.deliver.to(
      'queue',
      deadLetterArn,
      this.#queueMessage(topic, subscription, message, deadLetterArn),
      senderOf(topic, message),
    );
    recordMetric(
      this.#environment,
      topic,
      ok ? 'NumberOfNotificationsRedrivenToDlq' : 'NumberOfNotificationsFailedToRedriveToDlq',
    );
  }

  #keep(id: string, pending: PendingDelivery): void {
    if (!this.#pending.has(id)) this.#queueUp(id, pending);
    this.#pending.set(id, pending);
    this.#stored.put(id, pending);
  }

  #queueUp(id: string, pending: PendingDelivery): void {
    const line = lineOf(pending.subscriptionArn, pending.message);
    if (line === undefined) return;
    const ids = this.#lines.get(line);
    if (ids === undefined) this.#lines.set(line, [id]);
    else ids.push(id);
  }

  #isFirst(id: string, pending: PendingDelivery): boolean {
    const line = lineOf(pending.subscriptionArn, pending.message);
    return line === undefined || this.#lines.get(line)?.[0] === id;
  }

  #schedule(id: string, dueAt: EpochMs): void {
    this.#environment.timers.schedule(dueAt, (now) => this.#retry(id, now));
  }

  #retry(id: string, now: EpochMs): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const subscription = this.#table.subscriptions.get(pending.subscriptionArn);
    const topic = subscription === undefined ? undefined : this.#table.topics.get(subscription.facts.topicArn);
    const again =
      subscription === undefined || topic === undefined
        ? undefined
        : this.#try(topic, subscription, pending.message, pending.tries);
    if (again !== undefined) {
      const dueAt = now + again.waitMs;
      this.#keep(id, { ...pending, tries: again.tries, dueAt });
      this.#schedule(id, dueAt);
      return;
    }
    this.#pending.delete(id);
    this.#stored.delete(id);
    const line = lineOf(pending.subscriptionArn, pending.message);
    const ids = line === undefined ? undefined : this.#lines.get(line);
    if (line === undefined || ids === undefined) return;
    ids.shift();
    if (ids.length === 0) this.#lines.delete(line);
    else this.#schedule(ids[0] as string, now);
  }
}

const lineOf = (subscriptionArn: string, message: PublishedMessage): string | undefined =>
  message.sequenceNumber === undefined ? undefined : `${subscriptionArn} ${message.groupId}`;

const senderOf = (topic: Topic, message: PublishedMessage): Sender => ({
  principal: 'sns.amazonaws.com',
  sourceArn: topic.facts.arn,
  sourceAccount: topic.facts.account,
  ...(message.traceHeader === undefined ? {} : { traceHeader: message.traceHeader }),
});

const rawAttributes = (message: PublishedMessage): NonNullable<QueueMessage['attributes']> =>
  Object.fromEntries(
    Object.entries(message.attributes).map(([name, { type, value }]) => [
      name,
      type.startsWith('Binary')
        ? { dataType: type, binaryValue: bytesOfBase64(value) }
        : { dataType: type, stringValue: value },
    ]),
  );
