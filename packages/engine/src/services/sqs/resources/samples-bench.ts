import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, number, Tags, only, att, ref, document }) => ({
  Dead: { Type: 'AWS::SQS::Queue' },
  Plain: { Type: 'AWS::SQS::Queue', Properties: { Tags } },
  Jobs: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      DelaySeconds: number,
      VisibilityTimeout: 60,
      Tags,
      ...only(1, 'RedrivePolicy', { deadLetterTargetArn: att('Dead'), maxReceiveCount: 3 }),
    },
  },
  JobsPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [ref('Jobs')],
      PolicyDocument: document(turn === 1 ? 'sqs:SendMessage' : 'sqs:*', att('Jobs'), 'sns.amazonaws.com'),
    },
  },
});
