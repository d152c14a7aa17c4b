import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, Tags, att, ref, document, only }) => ({
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
    Properties: {
      PolicyName: 'more',
      PolicyDocument: document(`s3:Get${turn}`),
      Roles: [ref('Role')],
      ...only(1, 'Users', [ref('Person')]),
    },
  },
  RolesOwn: {
    Type: 'AWS::IAM::RolePolicy',
    Properties: { RoleName: ref('Role'), PolicyName: 'roles-own', PolicyDocument: document(`s3:List${turn}`) },
  },
  PersonsOwn: {
    Type: 'AWS::IAM::UserPolicy',
    Properties: { UserName: ref('Person'), PolicyName: 'persons-own', PolicyDocument: document(`s3:List${turn}`) },
  },
  TeamsOwn: {
    Type: 'AWS::IAM::GroupPolicy',
    Properties: { GroupName: ref('Team'), PolicyName: `teams-own-${turn}`, PolicyDocument: document('s3:List*') },
  },
  Managed: {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      PolicyDocument: document(`s3:Put${turn}`),
      Roles: [ref('Role')],
      ...only(2, 'Groups', [ref('Team')]),
    },
  },
  Team: {
    Type: 'AWS::IAM::Group',
    Properties: {
      Path: `/teams/${turn}/`,
      Policies: [{ PolicyName: `own-${turn}`, PolicyDocument: document('sqs:*', att('Jobs')) }],
    },
  },
  Person: {
    Type: 'AWS::IAM::User',
    Properties: {
      Path: `/people/${turn}/`,
      Tags,
      ManagedPolicyArns: [`arn:aws:iam::aws:policy/${turn === 1 ? 'ReadOnlyAccess' : 'PowerUserAccess'}`],
      ...only(1, 'Groups', [ref('Team')]),
    },
  },
  PersonsKey: {
    Type: 'AWS::IAM::AccessKey',
    Properties: { UserName: ref('Person'), Status: turn === 1 ? 'Active' : 'Inactive' },
  },
  Colleague: { Type: 'AWS::IAM::User' },
  Team2: { Type: 'AWS::IAM::Group' },
  Membership: {
    Type: 'AWS::IAM::UserToGroupAddition',
    Properties: { GroupName: ref('Team2'), Users: [ref(turn === 1 ? 'Person' : 'Colleague')] },
  },
  Linked: {
    Type: 'AWS::IAM::ServiceLinkedRole',
    Properties: { AWSServiceName: 'autoscaling.amazonaws.com', CustomSuffix: 'sample', Description: text },
  },
});
