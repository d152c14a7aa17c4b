import { type EpochMs, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import type { ServiceEnvironment } from '../../core/index.ts';

/** A queue counts as active so long after it was used or held a message. */
const ACTIVE_MS = 6 * HOUR_MS;

/** What the gauges show at one moment. */
export interface QueueGauges {
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
  readonly oldestAgeMs: number;
  /** Of messages in groups that are not noisy, and without a group; `undefined` where no group is served first. */
  readonly oldestQuietAgeMs: number | undefined;
  readonly isEmpty: boolean;
  /** Further gauges, by metric name. */
  readonly ofGroups: Readonly<Record<string, number>>;
}

/**
 * The AWS/SQS metrics of one queue.
 *
 * Counters are recorded as things happen. Gauges are recorded once at the end of each minute, for six hours after the
 * queue last did something or held messages; then it has no timer any more.
 *
 * Differs: AWS waits up to fifteen minutes before it starts anew.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export class QueueMetrics {
  readonly #environment: ServiceEnvironment;
  readonly #account: string;
  readonly #region: string;
  readonly #dimensions: Readonly<Record<string, string>>;
  readonly #readGauges: (now: EpochMs) => QueueGauges;
  #isScheduled = false;
  #activeAt: EpochMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(
    environment: ServiceEnvironment,
    queue: { readonly account: string; readonly region: string; readonly name: string },
    readGauges: (now: EpochMs) => QueueGauges,
  ) {
    this.#environment = environment;
    this.#account = queue.account;
    this.#region = queue.region;
    this.#dimensions = { QueueName: queue.name };
    this.#readGauges = readGauges;
  }

  /** Notes that the queue is in use, so that this minute's gauges are recorded. */
  active(now: EpochMs): void {
    this.#activeAt = now;
    if (!this.#isScheduled) this.#schedule(now);
  }

  sent(bytes: number, now: EpochMs): void {
    this.#record('NumberOfMessagesSent', 1, 'Count', now);
    this.#record('SentMessageSize', bytes, 'Bytes', now);
  }

  deduplicated(now: EpochMs): void {
    this.#record('NumberOfDeduplicatedSentMessages', 1, 'Count', now);
  }

  received(count: number, now: EpochMs): void {
    if (count === 0) this.#record('NumberOfEmptyReceives', 1, 'Count', now);
    else this.#record('NumberOfMessagesReceived', count, 'Count', now);
  }

  deleted(now: EpochMs): void {
    this.#record('NumberOfMessagesDeleted', 1, 'Count', now);
  }

  /** The queue is gone: records nothing any more. */
  close(): void {
    this.#isClosed = true;
  }

  #schedule(now: EpochMs): void {
    this.#isScheduled = true;
    // The last millisecond of the minute, so that the values belong to the minute they describe.
    const at = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS - 1;
    this.#environment.timers.schedule(at > now ? at : at + MINUTE_MS, (firedAt) => this.#endMinute(firedAt));
  }

  #endMinute(now: EpochMs): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    const gauges = this.#readGauges(now);
    this.#record('ApproximateNumberOfMessagesVisible', gauges.visible, 'Count', now);
    this.#record('ApproximateNumberOfMessagesNotVisible', gauges.notVisible, 'Count', now);
    this.#record('ApproximateNumberOfMessagesDelayed', gauges.delayed, 'Count', now);
    this.#record('ApproximateAgeOfOldestMessage', Math.floor(gauges.oldestAgeMs / 1_000), 'Seconds', now);
    for (const [name, value] of Object.entries(gauges.ofGroups)) this.#record(name, value, 'Count', now);
    if (gauges.oldestQuietAgeMs !== undefined) {
      const age = Math.floor(gauges.oldestQuietAgeMs / 1_000);
      this.#record('ApproximateAgeOfOldestMessageInQuietGroups', age, 'Seconds', now);
    }
    if (!gauges.isEmpty) this.#activeAt = now;
    if (now + 1 - this.#activeAt < ACTIVE_MS) this.#schedule(now);
  }

  #record(name: string, value: number, unit: string, at: EpochMs): void {
    this.#environment.metrics.record({
      account: this.#account,
      region: this.#region,
      namespace: 'AWS/SQS',
      name,
      dimensions: this.#dimensions,
      value,
      unit,
      at,
    });
  }
}
