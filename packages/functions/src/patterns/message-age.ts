import { embeddedMetrics, type MetricSink } from '../emf.ts';

/**
 * Tells the age of the oldest message that was looked at and stays, in seconds. SQS's own metric leaves a message out
 * once it was received three times, so it never tells of one that fails again and again.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const tellMessageAge = (
  metrics: MetricSink,
  queueName: string,
  sentTimestamps: readonly number[],
  now: number,
): void => {
  if (sentTimestamps.length === 0) return;
  const seconds = (now - Math.min(...sentTimestamps)) / 1_000;
  metrics(embeddedMetrics('Holdfast', { UnprocessedMessageAge: seconds }, now, 'Seconds', { QueueName: queueName }));
};
