import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, Tags, only, att, ref }) => ({
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: { Tags, ...only(1, 'RetentionInDays', '30') } },
  LogStream: { Type: 'AWS::Logs::LogStream', Properties: { LogGroupName: ref('Logs'), LogStreamName: text } },
  EventsMayLog: {
    Type: 'AWS::Logs::ResourcePolicy',
    Properties: {
      PolicyName: 'events',
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: `logs:${turn === 1 ? '*' : 'PutLogEvents'}`,
            Resource: '*',
          },
        ],
      },
    },
  },
  Errors: {
    Type: 'AWS::Logs::MetricFilter',
    Properties: {
      LogGroupName: ref('Logs'),
      FilterPattern: turn === 1 ? 'ERROR' : 'FATAL',
      MetricTransformations: [{ MetricName: 'Errors', MetricNamespace: 'Shop', MetricValue: '1' }],
    },
  },
  LogsToClicks: {
    Type: 'AWS::Logs::SubscriptionFilter',
    Properties: {
      LogGroupName: ref('Logs'),
      FilterPattern: turn === 1 ? 'ERROR' : 'FATAL',
      DestinationArn: att('Clicks'),
      RoleArn: att('Role'),
    },
  },
  ClicksByName: {
    Type: 'AWS::Logs::Destination',
    Properties: {
      DestinationName: 'clicks',
      TargetArn: att('Clicks'),
      RoleArn: att('Role'),
      Tags,
      ...only(1, 'DestinationPolicy', JSON.stringify({ Statement: [] })),
    },
  },
  SavedQuery: {
    Type: 'AWS::Logs::QueryDefinition',
    Properties: { Name: `errors ${text}`, QueryString: 'fields @message', LogGroupNames: [ref('Logs')] },
  },
});
