import { type Timer, utf8Length } from '@holdfast/kernel';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';
import type { ServiceEnvironment } from '../environment.ts';
import type { BatchConsumer, BatchRefusal, BatchResult } from './batch-consumer.ts';
import { readBatchResponse } from './batch-response.ts';
import type { Poller } from './poller.ts';
import { PollerScale } from './poller-scale.ts';
import { INVOKES_PER_POLLER, PollerThroughput, type ProvisionedPollers } from './poller-throughput.ts';
import { type Received, received, SqsBatch } from './sqs-batch.ts';
import { compileSqsFilters } from './sqs-filter.ts';
import { type SqsRecord, toSqsRecord } from './sqs-record.ts';

/** Messages per receive, as in SQS's own API: bounds how far a batch can overshoot the payload limit. */
const RECEIVE_MAX = 10;

/** A refused batch is offered again after 1, 2, 4 … 20 s until its messages become visible elsewhere. */
const REFUSAL_BACKOFF: BackoffPolicy = { baseDelayMs: 1_000, multiplier: 2, maxDelayMs: 20_000, jitter: 'none' };

/** What is read, and how it is cut into batches. */
export interface QueueReading {
  readonly queueArn: string;
  readonly region: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Patterns as text; none means that everything passes. */
  readonly filters: readonly string[];
  readonly maximumConcurrency: number | undefined;
  readonly provisionedPollers?: ProvisionedPollers | undefined;
  readonly reportsBatchItemFailures: boolean;
}

/**
 * Reads one queue for one consumer: collects batches, hands them over, deletes what succeeded. What failed is left alone; the
 * queue shows it again when its visibility timeout is over.
 *
 * Works on notice: it looks into the queue when the queue says that something may be there, when a batch has ended,
 * and when it may run more batches at once. It never asks at fixed times.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
export class SqsPoller implements Poller {
  readonly #environment: ServiceEnvironment;
  readonly #reading: QueueReading;
  readonly #consumer: BatchConsumer;
  readonly #accepts: (record: SqsRecord) => boolean;
  readonly #scale: PollerScale;
  /** Of provisioned pollers; others may receive as fast as they can. */
  readonly #throughput: PollerThroughput | undefined;
  #throughputTimer: Timer | undefined;
  #unsubscribe: (() => void) | undefined;
  #isRunning = false;
  #hasPumpAhead = false;
  #isPumping = false;
  #mustPumpAgain = false;
  #busyCount = 0;
  #collecting: SqsBatch | undefined;
  #windowTimer: Timer | undefined;
  #scaleTimer: Timer | undefined;
  /** Received, but too large for the batch they were received for. */
  #leftover: Received[] = [];

  constructor(environment: ServiceEnvironment, reading: QueueReading, consumer: BatchConsumer) {
    this.#environment = environment;
    this.#reading = reading;
    this.#consumer = consumer;
    this.#accepts = compileSqsFilters(reading.filters);
    const { maximumConcurrency, provisionedPollers } = reading;
    this.#scale = new PollerScale(maximumConcurrency, provisionedPollers);
    this.#throughput = provisionedPollers === undefined ? undefined : new PollerThroughput();
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#unsubscribe = this.#environment.queues.onAvailable(this.#reading.queueArn, () => this.#pumpSoon());
    this.#pumpSoon();
  }

  /** Receives nothing more. Batches that run end as usual; collected ones are left to their visibility timeout. */
  stop(): void {
    this.#isRunning = false;
    this.#unsubscribe?.();
    this.#windowTimer?.cancel();
    this.#scaleTimer?.cancel();
    this.#throughputTimer?.cancel();
    this.#throughputTimer = undefined;
    this.#collecting = undefined;
    this.#leftover = [];
  }

  /** Batches under way need nobody to wait for them: their messages are invisible until they end. */
  whenIdle(listener: () => void): void {
    listener();
  }

  /**
   * Looks into the queue after everything else that is due at this instant: messages that arrive together are taken
   * together, and at start-up all services have resumed.
   */
  #pumpSoon(): void {
    if (this.#hasPumpAhead) return;
    this.#hasPumpAhead = true;
    this.#environment.timers.schedule(this.#environment.clock.now(), () => {
      this.#hasPumpAhead = false;
      this.#pump();
    });
  }

  /** Starts as many batches as may run. Re-entrant calls (from deletes and from runs that end at once) only leave a mark. */
  #pump(): void {
    if (this.#isPumping) {
      this.#mustPumpAgain = true;
      return;
    }
    this.#isPumping = true;
    try {
      do {
        this.#mustPumpAgain = false;
        this.#startBatches();
      } while (this.#mustPumpAgain);
    } finally {
      this.#isPumping = false;
    }
  }

  #startBatches(): void {
    while (this.#isRunning) {
      if (this.#busyCount >= this.#scale.limit) {
        this.#growLater();
        return;
      }
      const timeoutSeconds = this.#consumer.timeoutSeconds();
      // Without a consumer nothing is received: messages stay in the queue, untouched.
      if (timeoutSeconds === undefined) return;
      const batch = this.#collect(timeoutSeconds);
      if (batch === undefined) return;
      this.#scale.working(this.#environment.clock.now());
      this.#busyCount += 1;
      this.#invoke(batch);
    }
  }

  #growLater(): void {
    const at = this.#scale.nextStepAt(this.#environment.clock.now());
    if (at === undefined || this.#scaleTimer !== undefined) return;
    this.#scaleTimer = this.#environment.timers.schedule(at, () => {
      this.#scaleTimer = undefined;
      if (this.#busyCount < this.#scale.limit) return;
      this.#scale.grow();
      this.#pump();
    });
  }

  /** A batch that is ready to run; `undefined` when there is nothing, or while a window is still open. */
  #collect(timeoutSeconds: number): SqsBatch | undefined {
    const { batchSize, windowSeconds } = this.#reading;
    const now = this.#environment.clock.now();
    const batch = this.#collecting ?? new SqsBatch(now);
    batch.dropVisible(now);
    this.#leftover = this.#leftover.filter((entry) => entry.visibleAgainAt > now);
    while (!batch.isFull) {
      const wanted = batchSize - batch.entries.length;
      const more = this.#leftover.length > 0 ? this.#leftover : this.#receive(timeoutSeconds, wanted);
      if (more === undefined) break;
      this.#leftover = batch.take(more, batchSize, this.#consumer.batchBytesMax);
    }
    if (batch.entries.length === 0) {
      this.#collecting = undefined;
      return undefined;
    }
    const windowEndsAt = batch.openedAt + windowSeconds * 1_000;
    if (batch.isFull || now >= windowEndsAt) {
      this.#collecting = undefined;
      this.#windowTimer?.cancel();
      this.#windowTimer = undefined;
      return batch;
    }
    this.#collecting = batch;
    this.#windowTimer ??= this.#environment.timers.schedule(windowEndsAt, () => {
      this.#windowTimer = undefined;
      this.#pump();
    });
    return undefined;
  }

  /** Whether the pollers have throughput left; if not, they look again when they have. */
  #mayReceive(): boolean {
    const pollers = Math.ceil(this.#scale.limit / INVOKES_PER_POLLER);
    const at = this.#throughput?.waitUntil(this.#environment.clock.now(), pollers);
    if (at === undefined) return true;
    this.#throughputTimer ??= this.#environment.timers.schedule(at, () => {
      this.#throughputTimer = undefined;
      this.#pump();
    });
    return false;
  }

  /** Receives once; filtered messages are deleted at once. `undefined` when the queue had nothing. */
  #receive(timeoutSeconds: number, wanted: number): Received[] | undefined {
    const { queues, clock } = this.#environment;
    const { queueArn, region, windowSeconds, batchSize } = this.#reading;
    const visibilitySeconds = queues.facts(queueArn)?.visibilityTimeoutSeconds;
    if (visibilitySeconds === undefined || !this.#mayReceive()) return undefined;
    const longest = windowSeconds + timeoutSeconds;
    const isStretched = windowSeconds > 0 && longest > visibilitySeconds;
    const effectiveSeconds = isStretched ? longest + 30 : visibilitySeconds;
    const messages = queues.receive(
      queueArn,
      Math.min(wanted, RECEIVE_MAX),
      isStretched ? effectiveSeconds : undefined,
    );
    if (messages.length === 0) return undefined;
    this.#throughput?.received(messages.reduce((bytes, { body }) => bytes + utf8Length(body), 0));
    const visibleAgainAt = clock.now() + effectiveSeconds * 1_000;
    const isLargeBatch = windowSeconds > 0 || batchSize > RECEIVE_MAX;
    const accepted: Received[] = [];
    const filtered: string[] = [];
    for (const message of messages) {
      const record = toSqsRecord(message, queueArn, region, isLargeBatch);
      if (this.#accepts(record)) accepted.push(received(message, record, visibleAgainAt));
      else filtered.push(message.receiptHandle);
    }
    if (filtered.length > 0) queues.delete(queueArn, filtered);
    return accepted;
  }

  #invoke(batch: SqsBatch): void {
    const { ids } = this.#environment;
    if (!this.#isRunning || this.#consumer.timeoutSeconds() === undefined) {
      this.#letGo();
      return;
    }
    const requestId = ids.uuid();
    const refusal = this.#consumer.offer(
      {
        requestId,
        records: batch.entries.map((entry) => entry.text),
        besideRecords: '',
        traceHeader: batch.lineage,
        traceLinks: batch.traceLinks,
      },
      (result) => {
        if (typeof result === 'string') this.#refused(batch, result);
        else this.#ended(batch, requestId, result);
      },
    );
    if (refusal !== undefined) this.#refused(batch, refusal);
  }

  #refused(batch: SqsBatch, refusal: BatchRefusal): void {
    if (refusal === 'never') {
      this.#letGo();
      return;
    }
    const { clock, timers } = this.#environment;
    const now = clock.now();
    this.#scale.backOff(now);
    const { visibleAgainAt } = batch;
    const retryAt = now + backoffCeilingMs(REFUSAL_BACKOFF, batch.refusals + 1);
    batch.refusals += 1;
    if (retryAt < visibleAgainAt) timers.schedule(retryAt, () => this.#invoke(batch));
    else timers.schedule(Math.max(now, visibleAgainAt), () => this.#letGo());
  }

  /** Gives the place of a batch back without touching its messages. */
  #letGo(): void {
    this.#busyCount -= 1;
    this.#pump();
  }

  #ended(batch: SqsBatch, requestId: string, result: BatchResult): void {
    const { reportsBatchItemFailures } = this.#reading;
    this.#busyCount -= 1;
    if (!result.isError) this.#deleteSucceeded(batch, requestId, result.payload);
    else {
      this.#failed(batch.entries, requestId, result.payload);
      if (!reportsBatchItemFailures) this.#scale.backOff(this.#environment.clock.now());
    }
    this.#pump();
  }

  #failed(entries: readonly Received[], requestId: string, error?: string): void {
    const messageIds = entries.map(({ messageId }) => messageId);
    this.#environment.queues.failed(this.#reading.queueArn, { messageIds, requestId, error });
  }

  #deleteSucceeded(batch: SqsBatch, requestId: string, payload: string): void {
    const ids = new Set(batch.entries.map((entry) => entry.messageId));
    const verdict = this.#reading.reportsBatchItemFailures
      ? readBatchResponse(payload, ids)
      : ({ kind: 'all-succeeded' } as const);
    const hasFailed = ({ messageId }: Received): boolean =>
      verdict.kind === 'all-failed' || (verdict.kind === 'partial' && verdict.failedIds.has(messageId));
    const failed = batch.entries.filter(hasFailed);
    if (failed.length > 0) this.#failed(failed, requestId);
    const succeeded = failed.length === 0 ? batch.entries : batch.entries.filter((entry) => !hasFailed(entry));
    if (succeeded.length === 0) return;
    this.#environment.queues.delete(
      this.#reading.queueArn,
      succeeded.map((entry) => entry.receiptHandle),
    );
  }
}
