import type { Message } from '@aws-sdk/client-sqs';
import { seededRandom } from '@holdfast/kernel';
import type { Step } from './audit.ts';
import type { Delivery } from './delivery.ts';
import { JournalIndex } from './jobs/journal-index.ts';
import type { RedriveOptions, RedrivePorts, SendOutcome } from './redrive-ports.ts';
import { byField } from './selection.ts';

export const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:orders-dlq';
export const SOURCE_ARN = 'arn:aws:sqs:us-east-1:000000000000:orders';

/** The process is gone: nothing of it happens any more. */
export class Crash extends Error {}

interface Kept {
  readonly message: Message;
  visibleAt: number;
}

/** A dead-letter queue, its target, a journal and time, all in memory; for tests. */
export class FakeWorld {
  now = 1_700_000_000_000;
  readonly kept = new Map<string, Kept>();
  readonly delivered: Delivery[] = [];
  readonly entries: Step[] = [];
  /** The job that works at the moment. */
  jobId = 'job-1';
  /** Effects until the process dies, between an effect and the next, or before what an effect answers is heard. */
  crashesAfter = Number.POSITIVE_INFINITY;
  /** Told of each effect before it happens: the first is 1. */
  onEffect: (nth: number) => void = () => {};
  respond: (delivery: Delivery) => SendOutcome = () => ({ taken: true, proof: `sent-${this.delivered.length}` });
  readonly #index = new JournalIndex();
  #receipts = 0;
  #effects = 0;

  add(id: string, more: Partial<Message> = {}): void {
    this.kept.set(id, {
      visibleAt: 0,
      message: {
        MessageId: id,
        Body: `{"order":"${id}"}`,
        Attributes: { DeadLetterQueueSourceArn: SOURCE_ARN, SentTimestamp: '0', ApproximateReceiveCount: '3' },
        MessageAttributes: {},
        ...more,
      },
    });
  }

  /** Counts effects from one again. */
  countAnew(): void {
    this.#effects = 0;
  }

  /** Does something that outlives the process, unless the process is dead by then. */
  effect<Value>(change: () => Value): Value {
    if (this.crashesAfter < 1) throw new Crash();
    this.#effects += 1;
    this.onEffect(this.#effects);
    this.crashesAfter -= 0.5;
    if (this.crashesAfter < 1) throw new Crash();
    const value = change();
    this.crashesAfter -= 0.5;
    if (this.crashesAfter < 1) throw new Crash();
    return value;
  }

  readonly ports: RedrivePorts = {
    queue: {
      arn: QUEUE_ARN,
      receive: async (visibilitySeconds) =>
        this.effect(() => {
          const found: Kept[] = [];
          for (const one of this.kept.values()) {
            if (found.length === 10) break;
            if (one.visibleAt <= this.now) found.push(one);
          }
          for (const one of found) one.visibleAt = this.now + visibilitySeconds * 1_000;
          this.#receipts += 1;
          return found.map(({ message }) => ({ ...message, ReceiptHandle: `${message.MessageId} ${this.#receipts}` }));
        }),
      delete: async ({ MessageId = '' }) => void this.effect(() => this.kept.delete(MessageId)),
      release: async (messages) =>
        this.effect(() => {
          for (const { MessageId = '' } of messages) {
            const one = this.kept.get(MessageId);
            if (one !== undefined) one.visibleAt = 0;
          }
        }),
    },
    sender: {
      send: async (delivery) =>
        this.effect(() => {
          const outcome = this.respond(delivery);
          if (outcome.taken) this.delivered.push(delivery);
          return outcome;
        }),
    },
    journal: {
      append: async (step) =>
        this.effect(() => {
          this.entries.push(step);
          this.#index.add(step);
        }),
      traceOf: async (messageId) => this.#index.traceOf(QUEUE_ARN, messageId),
      earlier: async () => this.#index.earlier(this.jobId),
    },
    time: {
      now: () => this.now,
      wait: async (ms) => {
        this.now += ms;
      },
    },
    random: seededRandom(1),
  };
}

export const optionsOf = (more: Partial<RedriveOptions> = {}): RedriveOptions => ({
  jobId: 'job-1',
  fillers: [],
  selection: byField('error='),
  perSecond: 50,
  max: Number.POSITIVE_INFINITY,
  canary: 0,
  watchMs: 0,
  cameBackShareMax: 0.1,
  concurrency: 8,
  ...more,
});
