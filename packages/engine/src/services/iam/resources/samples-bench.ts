import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, Tags, att, ref, document }) => ({
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Description: text,
      Tags,
      Policies: [
        { PolicyName: 'same', PolicyDocument: document(`sqs:ReceiveMessage`, att('Jobs')) },
        { PolicyName: `own-${turn}`, PolicyDocument: document('sqs:*', att('Jobs')) },
      ],
    },
  },
  RolePolicy: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'more', PolicyDocument: document(`s3:Get${turn}`), Roles: [ref('Role')] },
  },
  Managed: {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: { PolicyDocument: document(`s3:Put${turn}`), Roles: [ref('Role')] },
  },
});
