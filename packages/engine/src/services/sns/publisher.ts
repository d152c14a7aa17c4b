import type { ServiceEnvironment } from '../../core/index.ts';
import type { Courier } from './courier.ts';
import type { Deduplication } from './deduplication.ts';
import { passesFilter } from './filter-match.ts';
import { type MessageInput, readMessage, sizeOf, stamped } from './message-input.ts';
import type { PublishedMessage } from './stored.ts';
import { recordMetric } from './topic-metrics.ts';
import type { Topic } from './topic-table.ts';

export interface Publication {
  readonly MessageId: string;
  readonly SequenceNumber?: string;
}

/** Takes messages for topics and sends each to the subscriptions whose filter lets it through. */
export class Publisher {
  readonly #environment: ServiceEnvironment;
  readonly #courier: Courier;
  readonly #deduplication: Deduplication;

  constructor(environment: ServiceEnvironment, courier: Courier, deduplication: Deduplication) {
    this.#environment = environment;
    this.#courier = courier;
    this.#deduplication = deduplication;
  }

  /** Checks a message and publishes it at once. @throws ServiceError */
  publish(topic: Topic, input: MessageInput, traceHeader?: string): Publication {
    return this.send(topic, readMessage(input, topic), sizeOf(input), traceHeader);
  }

  /** Publishes a message that has been checked. */
  send(
    topic: Topic,
    read: ReturnType<typeof readMessage>,
    bytes: number,
    traceHeader: string | undefined,
  ): Publication {
    const now = this.#environment.clock.now();
    const message = stamped(read, this.#environment.ids.uuid(), now, traceHeader);
    recordMetric(this.#environment, topic, 'NumberOfMessagesPublished');
    recordMetric(this.#environment, topic, 'PublishSize', bytes);
    return topic.isFifo ? this.#publishOnce(topic, message) : this.#fanOut(topic, message);
  }

  #publishOnce(topic: Topic, message: PublishedMessage): Publication {
    const deduplicationId = message.deduplicationId ?? this.#environment.digest.sha256Hex(message.message);
    const perGroup = topic.facts.attributes['FifoThroughputScope'] === 'MessageGroup';
    const key = `${topic.facts.arn} ${perGroup ? message.groupId : ''} ${deduplicationId}`;
    const seen = this.#deduplication.find(key, message.at);
    if (seen !== undefined) return { MessageId: seen.messageId, SequenceNumber: seen.sequenceNumber };
    const sequenceNumber = this.#deduplication.nextSequenceNumber();
    this.#deduplication.remember(key, { at: message.at, messageId: message.messageId, sequenceNumber });
    this.#fanOut(topic, { ...message, deduplicationId, sequenceNumber });
    return { MessageId: message.messageId, SequenceNumber: sequenceNumber };
  }

  #fanOut(topic: Topic, message: PublishedMessage): Publication {
    for (const subscription of [...topic.subscriptions.values()]) {
      if (subscription.facts.confirmationToken !== undefined) continue;
      if (subscription.filter !== undefined && !passesFilter(subscription.filter, subscription.scope, message)) {
        recordMetric(this.#environment, topic, 'NumberOfNotificationsFilteredOut');
      } else {
        this.#courier.send(topic, subscription, message);
      }
    }
    return { MessageId: message.messageId };
  }
}
