import { onDemand } from '@holdfast/kernel';
import type {
  CapturedMail,
  DeliveryResult,
  DeliveryTarget,
  HttpRoute,
  OperationTable,
  Sender,
  Service,
  ServiceEnvironment,
  TopicMessage,
} from '../../core/index.ts';
import { ServiceError } from '../../core/index.ts';
import { certificateRoute } from './certificate-route.ts';
import { Courier } from './courier.ts';
import { Deduplication } from './deduplication.ts';
import { EndedSubscriptions } from './ended-subscriptions.ts';
import { topicNotFound } from './errors.ts';
import { MailOutbox } from './mail-outbox.ts';
import { mailRoute } from './mail-route.ts';
import { inputFrom } from './message-input.ts';
import { publishOperations } from './publish-operations.ts';
import { Publisher } from './publisher.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { TopicEncryption } from './topic-encryption.ts';
import { topicOperations } from './topic-operations.ts';
import { mayPublish, notAuthorizedToPublish } from './topic-policy.ts';
import { TopicTable } from './topic-table.ts';

/**
 * SNS: topics that pass messages on to queues, functions, mailboxes and HTTP endpoints, with filters, retries and dead-letter queues.
 *
 * Mail is captured, never sent.
 */
export class SnsService implements Service, DeliveryTarget<TopicMessage> {
  readonly #operations: () => OperationTable;
  readonly targets = { topic: this };
  readonly lends = { mail: this };
  readonly routes: readonly HttpRoute[];
  /** Email addresses count as confirmed when they subscribe. Set to `false` to make them confirm by token, as on AWS. */
  confirmsMailAtOnce = true;
  readonly #table: TopicTable;
  readonly #outbox: MailOutbox;
  readonly #courier: Courier;
  readonly #publisher: Publisher;
  readonly #encryption: TopicEncryption;
  readonly #ended: EndedSubscriptions;

  constructor(environment: ServiceEnvironment) {
    this.#table = new TopicTable(environment);
    this.#outbox = new MailOutbox(environment);
    this.#courier = new Courier(environment, this.#table, this.#outbox);
    this.#publisher = new Publisher(environment, this.#courier, new Deduplication(environment));
    this.#encryption = new TopicEncryption(environment);
    this.#ended = new EndedSubscriptions(environment);
    const wiring = {
      environment,
      table: this.#table,
      outbox: this.#outbox,
      publisher: this.#publisher,
      encryption: this.#encryption,
      http: this.#courier.http,
      ended: this.#ended,
      confirmsMailAtOnce: () => this.confirmsMailAtOnce,
    };
    this.#operations = onDemand(() => ({
      ...topicOperations(wiring),
      ...subscriptionOperations(wiring),
      ...publishOperations(wiring),
    }));
    this.routes = [mailRoute(this.#outbox), certificateRoute(environment)];
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#courier.start();
    this.#ended.start();
  }

  /** Publishes on behalf of a service, if the topic's policy lets it. */
  deliver(topicArn: string, message: TopicMessage, sender: Sender): DeliveryResult {
    const topic = this.#table.topics.get(topicArn);
    if (topic === undefined) return { ok: false, error: topicNotFound() };
    if (!mayPublish(topic.facts, sender)) return { ok: false, error: notAuthorizedToPublish(topic.facts, sender) };
    const refusal = this.#encryption.refusalOf(topic.facts, sender);
    if (refusal !== undefined) return { ok: false, error: refusal };
    try {
      this.#publisher.publish(topic, inputFrom(message), sender.traceHeader);
      return { ok: true };
    } catch (error) {
      if (error instanceof ServiceError) return { ok: false, error };
      throw error;
    }
  }

  exists(topicArn: string): boolean {
    return this.#table.topics.has(topicArn);
  }

  accepts(topicArn: string, sender: Sender): boolean {
    const topic = this.#table.topics.get(topicArn);
    return (
      topic !== undefined &&
      mayPublish(topic.facts, sender) &&
      this.#encryption.refusalOf(topic.facts, sender) === undefined
    );
  }

  /** Mails that would have been sent, oldest first. */
  mails(): readonly CapturedMail[] {
    return this.#outbox.mails();
  }

  /** Calls back for every mail from now on; returns the function that ends it. */
  onMail(listener: (mail: CapturedMail) => void): () => void {
    return this.#outbox.onMail(listener);
  }
}
