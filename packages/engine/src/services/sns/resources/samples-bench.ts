import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, Tags, only, att, ref, document }) => ({
  Topic: { Type: 'AWS::SNS::Topic', Properties: { Tags, ...only(1, 'DisplayName', text) } },
  TopicPolicy: {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [ref('Topic')],
      PolicyDocument: document('sns:Publish', ref('Topic'), `s${turn}.amazonaws.com`),
    },
  },
  Subscription: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: ref('Topic'),
      Protocol: 'sqs',
      Endpoint: att('Jobs'),
      RawMessageDelivery: turn === 1,
      ...only(2, 'FilterPolicy', { kind: ['order'] }),
    },
    DependsOn: 'JobsPolicy',
  },
});
