import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, number, Tags, att, ref }) => ({
  Alarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: att('Jobs', 'QueueName') }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: number,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [ref('Topic')],
      Tags,
    },
  },
  AnyAlarm: {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: {
      AlarmRule: { 'Fn::Join': ['', [turn === 1 ? 'ALARM("' : 'OK("', ref('Alarm'), '")']] },
      AlarmActions: [ref('Topic')],
      Tags,
    },
  },
  Dashboard: {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardBody: JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: text } }] }) },
  },
});
