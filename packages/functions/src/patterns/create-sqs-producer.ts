import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import { InvalidInputError, type Random, seededRandom } from '@holdfast/kernel';
import type { Ambient } from '../ambient.ts';
import { type Environment, numberWithin, requiredText } from '../environment.ts';

/** What the environment of the producer says. */
export interface SqsProducerSettings {
  readonly queueUrl: string;
  /** Messages of a burst when the event does not say. */
  readonly messages: number;
  /** The share of them that lack their store. */
  readonly badShare: number;
}

/** @throws {@link InvalidInputError} naming the variable that is missing or wrong */
export const readSqsProducerSettings = (environment: Environment): SqsProducerSettings => ({
  queueUrl: requiredText(environment, 'QUEUE_URL'),
  messages: numberWithin(environment, 'MESSAGES', 89, { min: 1, max: MESSAGES_MAX }),
  badShare: numberWithin(environment, 'BAD_SHARE', 0.045, { min: 0, max: 1 }),
});

/** What the producer is invoked with; all of it may be left out. */
export interface SqsProducerEvent {
  /** How many messages to send. */
  readonly messages?: number;
  /** How many of them lack their store; a share of the messages by default. */
  readonly bad?: number;
  /** Draws which of them, and has the burst sent in order. */
  readonly seed?: number;
}

export interface SqsProducerDeps extends Pick<Ambient, 'now' | 'random'> {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly settings: SqsProducerSettings;
}

const MESSAGES_MAX = 1_000_000;
const PER_BATCH = 10;
/** Batches on their way at a time. */
const AT_ONCE = 8;
const STORES = ['NY', 'BOM', 'MUC', 'SYD', 'GRU', 'CPT'];

const count = (field: string, value: unknown, max: number): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw new InvalidInputError(field, JSON.stringify(value), `must be a whole number from 0 to ${max}`);
};

/** Which of the messages are bad: as many as asked for, anywhere. */
const badOnes = (messages: number, bad: number, random: Random): ReadonlySet<number> => {
  const chosen = new Set<number>();
  while (chosen.size < bad) chosen.add(Math.floor(random.nextUnit() * messages));
  return chosen;
};

/**
 * Sends a burst of orders of stores. Some lack the attribute `store_id`, as an order does whose store is not known yet:
 * its consumer can never do anything with them.
 */
export const createSqsProducer = (deps: SqsProducerDeps) => {
  const { sqs, settings, now } = deps;
  return async (event: SqsProducerEvent = {}) => {
    const messages = count('messages', event.messages ?? settings.messages, MESSAGES_MAX);
    const random = event.seed === undefined ? deps.random : seededRandom(event.seed);
    const bad = count('bad', event.bad ?? Math.round(messages * settings.badShare), messages);
    const isBad = badOnes(messages, bad, random);
    const entryOf = (number: number): SendMessageBatchRequestEntry => {
      const store = STORES[Math.floor(random.nextUnit() * STORES.length)] as string;
      const known = isBad.has(number) ? { bad_msg: true } : { store_id: store };
      return {
        Id: String(number),
        MessageBody: JSON.stringify({ order: number, ...known, sent_at: new Date(now()).toISOString() }),
        MessageAttributes: isBad.has(number)
          ? { bad_msg: { DataType: 'String', StringValue: 'True' } }
          : { store_id: { DataType: 'String', StringValue: store } },
      };
    };
    let next = 0;
    const sendOn = async (): Promise<void> => {
      while (next < messages) {
        const first = next;
        next += PER_BATCH;
        const numbers = Array.from({ length: Math.min(PER_BATCH, messages - first) }, (_, index) => first + index);
        const Entries = numbers.map(entryOf);
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: settings.queueUrl, Entries }));
        if (Failed.length > 0) throw new Error(`${Failed.length} messages were not taken: ${Failed[0]?.Message}`);
      }
    };
    // Which of several requests comes first is chance: a burst that can be repeated is sent one by one.
    await Promise.all(Array.from({ length: event.seed === undefined ? AT_ONCE : 1 }, sendOn));
    return { statusCode: 200, body: JSON.stringify({ message: { status: true, tot_msgs: messages, bad_msgs: bad } }) };
  };
};
