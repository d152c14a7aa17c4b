import { Duration } from 'aws-cdk-lib';
import { checkDuration, checkWhole, InvalidPropError, type PropWarning, seconds } from './prop-rules.ts';

/** The values of one queue of a chain, as its rules see them. */
export interface ChainedQueue {
  /** As in the props: `source`, `tiers[0]`, `deadLetters`. */
  readonly field: string;
  readonly deliveryDelay: Duration;
  readonly receiveWait: Duration;
  readonly visibilityTimeout: Duration;
  readonly retention: Duration;
  /** Of the queues that give messages up. */
  readonly maxReceiveCount?: number | undefined;
  readonly consumer?: ChainedConsumer | undefined;
}

/** The values of a queue's consumer. */
export interface ChainedConsumer {
  readonly timeout: Duration | undefined;
  readonly reservedConcurrency: number | undefined;
  readonly batchSize: number;
  readonly batchingWindow: Duration | undefined;
  readonly maxConcurrency: number | undefined;
  readonly reportsItemFailures: boolean;
}

/** AWS advises 5 or more: throttled polls count as receives. */
const RECEIVES_ADVISED = 5;
/** AWS advises a visibility timeout of so many timeouts of the function. */
const TIMEOUTS_ADVISED = 6;

const checkLimits = (queue: ChainedQueue): void => {
  const { field } = queue;
  checkDuration(`${field}.deliveryDelay`, queue.deliveryDelay, Duration.seconds(0), Duration.minutes(15));
  checkDuration(`${field}.receiveWait`, queue.receiveWait, Duration.seconds(0), Duration.seconds(20));
  checkDuration(`${field}.visibilityTimeout`, queue.visibilityTimeout, Duration.seconds(0), Duration.hours(12));
  checkDuration(`${field}.retention`, queue.retention, Duration.minutes(1), Duration.days(14));
  if (queue.maxReceiveCount !== undefined) checkWhole(`${field}.maxReceiveCount`, queue.maxReceiveCount, 1, 1_000);
};

/** What a consumer's rules need of its queue. */
export type ConsumedQueue = Pick<ChainedQueue, 'field' | 'visibilityTimeout' | 'maxReceiveCount'>;

/** @throws InvalidPropError for what AWS refuses */
export const checkConsumer = ({ field, visibilityTimeout }: ConsumedQueue, consumer: ChainedConsumer): void => {
  const { batchSize, batchingWindow, maxConcurrency, timeout } = consumer;
  const at = `${field}.consumer`;
  checkWhole(`${at}.batchSize`, batchSize, 1, 10_000);
  if (batchSize > 10 && (batchingWindow?.toSeconds() ?? 0) === 0) {
    throw new InvalidPropError(`${at}.batchSize`, batchSize, 'needs a batchingWindow above 0 s when it is above 10');
  }
  if (maxConcurrency !== undefined) checkWhole(`${at}.maxConcurrency`, maxConcurrency, 2, 1_000);
  if (timeout !== undefined && visibilityTimeout.toSeconds() < timeout.toSeconds()) {
    throw new InvalidPropError(
      `${field}.visibilityTimeout`,
      seconds(visibilityTimeout),
      `must not be below the timeout of its function (${seconds(timeout)}): Lambda refuses the mapping`,
    );
  }
};

/** The longest that a message spends in a queue whose consumer takes it at once and always fails. */
const stayMs = ({ deliveryDelay, visibilityTimeout, maxReceiveCount = 0 }: ChainedQueue): number =>
  deliveryDelay.toMilliseconds() + maxReceiveCount * visibilityTimeout.toMilliseconds();

/**
 * Moves of a redrive policy keep the time at which a message was sent: in every queue its age counts from there.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
const checkAges = (chain: readonly ChainedQueue[]): void => {
  let ageMs = 0;
  let before: ChainedQueue | undefined;
  for (const queue of chain) {
    const { field, retention } = queue;
    if (before !== undefined && retention.toSeconds() < before.retention.toSeconds()) {
      throw new InvalidPropError(
        `${field}.retention`,
        seconds(retention),
        `must not be below that of ${before.field} (${seconds(before.retention)}): a move keeps the age, and the message would be deleted at once`,
      );
    }
    ageMs += stayMs(queue);
    if (ageMs >= retention.toMilliseconds()) {
      throw new InvalidPropError(
        `${field}.retention`,
        seconds(retention),
        `must be above the ${ageMs / 1_000} s that delays and receives take until a message leaves this queue`,
      );
    }
    before = queue;
  }
};

/**
 * Why pollers run into throttles, where it is known that they do.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const throttlesOf = ({ reservedConcurrency: reserved, maxConcurrency }: ChainedConsumer): string | undefined => {
  if (reserved === undefined) return undefined;
  if (reserved === 0) return 'its function has a reserved concurrency of 0, and never runs';
  if (maxConcurrency === undefined)
    return `maxConcurrency is not set, and its function has a reserved concurrency of ${reserved}`;
  return maxConcurrency > reserved
    ? `maxConcurrency of ${maxConcurrency} is above the reserved concurrency of its function (${reserved})`
    : undefined;
};

/** What a consumer will lose or double although AWS takes it. */
export const consumerWarnings = (queue: ConsumedQueue, consumer: ChainedConsumer): readonly PropWarning[] => {
  const { field, visibilityTimeout, maxReceiveCount = Number.POSITIVE_INFINITY } = queue;
  const { timeout, batchSize, batchingWindow, maxConcurrency, reportsItemFailures } = consumer;
  const warnings: PropWarning[] = [];
  if (timeout !== undefined) {
    const advised = timeout.toSeconds() * TIMEOUTS_ADVISED + (batchingWindow?.toSeconds() ?? 0);
    if (visibilityTimeout.toSeconds() < advised) {
      warnings.push({
        id: 'visibilityTimeout',
        message: `${field}.visibilityTimeout: ${seconds(visibilityTimeout)} is below the ${advised} s that AWS advises (${TIMEOUTS_ADVISED} timeouts of the function and its batching window): retries of throttled batches overlap, and messages are processed twice`,
      });
    }
  }
  if (maxReceiveCount < RECEIVES_ADVISED && maxConcurrency === undefined) {
    warnings.push({
      id: 'maxReceiveCount',
      message: `${field}.maxReceiveCount: ${maxReceiveCount} is below the ${RECEIVES_ADVISED} that AWS advises, and consumer.maxConcurrency is not set: throttled polls count as receives and give up messages that nobody has tried`,
    });
  }
  const throttles = throttlesOf(consumer);
  if (throttles !== undefined) {
    warnings.push({
      id: 'reservedConcurrency',
      message: `${field}.consumer: ${throttles}: throttled polls count as receives, and messages are given up that nobody has tried`,
    });
  }
  if (batchSize > 1 && !reportsItemFailures) {
    warnings.push({
      id: 'reportItemFailures',
      message: `${field}.consumer.batchSize: ${batchSize} without reportItemFailures has every message of a batch fail with one that fails: good messages are given up`,
    });
  }
  return warnings;
};

/**
 * Holds the queues of a chain, source first and dead-letter queue last, against each other.
 *
 * @throws InvalidPropError naming field, value and rule
 */
export const checkChain = (chain: readonly ChainedQueue[]): readonly PropWarning[] => {
  for (const queue of chain) {
    checkLimits(queue);
    if (queue.consumer !== undefined) checkConsumer(queue, queue.consumer);
  }
  checkAges(chain);
  return chain.flatMap((queue) => (queue.consumer === undefined ? [] : consumerWarnings(queue, queue.consumer)));
};
