import type { ServiceEnvironment } from '../../core/index.ts';
import type { Topic } from './topic-table.ts';

/**
 * What SNS counts per topic.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
 */
export type TopicMetric =
  | 'NumberOfMessagesPublished'
  | 'PublishSize'
  | 'NumberOfNotificationsDelivered'
  | 'NumberOfNotificationsFailed'
  | 'NumberOfNotificationsFilteredOut'
  | 'NumberOfNotificationsRedrivenToDlq'
  | 'NumberOfNotificationsFailedToRedriveToDlq';

export const recordMetric = (environment: ServiceEnvironment, topic: Topic, name: TopicMetric, value = 1): void =>
  environment.metrics.record({
    account: topic.facts.account,
    region: topic.facts.region,
    namespace: 'AWS/SNS',
    name,
    dimensions: { TopicName: topic.facts.name },
    value,
    unit: name === 'PublishSize' ? 'Bytes' : 'Count',
    at: environment.clock.now(),
  });
