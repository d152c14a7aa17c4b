import type { IdSource, ManualClock, TimerQueue } from '@holdfast/kernel';
import type { FailedRun, QueueFacts, QueueSource, SourceMessage } from '../../core/index.ts';

/** A queue with just enough behaviour for pollers: visibility, receive counts, a notice when something is there. */
export class FakeQueue {
  readonly arn: string;
  facts: QueueFacts;
  readonly waiting: { message: SourceMessage; receives: number }[] = [];
  readonly inFlight = new Map<string, { message: SourceMessage; receives: number; until: number }>();
  readonly deleted: string[] = [];
  readonly listeners = new Set<() => void>();
  receiveCalls = 0;

  constructor(arn: string, facts: QueueFacts) {
    this.arn = arn;
    this.facts = facts;
  }
}

/** For tests: queues that a consumer reads, and what it tells of them. */
export class FakeQueues implements QueueSource {
  /** Runs that left messages in their queue, without their ids. */
  readonly failedRuns: object[] = [];
  readonly #byArn = new Map<string, FakeQueue>();
  readonly #clock: ManualClock;
  readonly #timers: TimerQueue;
  readonly #ids: IdSource;

  constructor(clock: ManualClock, timers: TimerQueue, ids: IdSource) {
    this.#clock = clock;
    this.#timers = timers;
    this.#ids = ids;
  }

  add(name: string, facts: Partial<QueueFacts> = {}): FakeQueue {
    const arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
    const queue = new FakeQueue(arn, { visibilityTimeoutSeconds: 30, isFifo: false, ...facts });
    this.#byArn.set(arn, queue);
    return queue;
  }

  /** Puts messages into a queue. */
  send(queue: FakeQueue, ...messages: readonly (Partial<SourceMessage> & { body: string })[]): void {
    for (const message of messages) {
      const messageId = message.messageId ?? this.#ids.uuid();
      queue.waiting.push({
        message: {
          messageId,
          receiptHandle: '',
          md5OfBody: 'md5',
          attributes: { SenderId: 'AIDA', SentTimestamp: String(this.#clock.now()) },
          messageAttributes: {},
          ...message,
        },
        receives: 0,
      });
    }
    for (const listener of queue.listeners) listener();
  }

  facts(arn: string): QueueFacts | undefined {
    return this.#byArn.get(arn)?.facts;
  }

  receive(arn: string, max: number, visibilityTimeoutSeconds?: number): SourceMessage[] {
    const queue = this.#byArn.get(arn);
    if (queue === undefined) return [];
    queue.receiveCalls += 1;
    const seconds = visibilityTimeoutSeconds ?? queue.facts.visibilityTimeoutSeconds;
    const until = this.#clock.now() + seconds * 1_000;
    return queue.waiting.splice(0, max).map((entry) => {
      const receives = entry.receives + 1;
      const receiptHandle = `${entry.message.messageId}#${receives}`;
      const attributes = { ...entry.message.attributes, ApproximateReceiveCount: String(receives) };
      const message = { ...entry.message, receiptHandle, attributes };
      queue.inFlight.set(receiptHandle, { message, receives, until });
      this.#timers.schedule(until, () => {
        const back = queue.inFlight.get(receiptHandle);
        if (back === undefined) return;
        queue.inFlight.delete(receiptHandle);
        queue.waiting.push({ message: back.message, receives: back.receives });
        for (const listener of queue.listeners) listener();
      });
      return message;
    });
  }

  delete(arn: string, handles: readonly string[]): void {
    const queue = this.#byArn.get(arn);
    for (const handle of handles) {
      const entry = queue?.inFlight.get(handle);
      if (queue === undefined || entry === undefined) continue;
      queue.inFlight.delete(handle);
      queue.deleted.push(entry.message.messageId);
    }
  }

  failed(arn: string, { requestId: _, ...run }: FailedRun): void {
    this.failedRuns.push({ arn, ...run });
  }

  onAvailable(arn: string, listener: () => void): () => void {
    this.#byArn.get(arn)?.listeners.add(listener);
    return () => this.#byArn.get(arn)?.listeners.delete(listener);
  }
}
