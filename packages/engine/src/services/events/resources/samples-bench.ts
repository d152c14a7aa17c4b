import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ only, turn, text, Tags, att, ref }) => ({
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'shop', Description: text, Tags } },
  BusForAll: {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: ref('Bus'),
      StatementId: 'all',
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 'events:PutEvents',
        Resource: att('Bus'),
        ...only(1, 'Condition', { StringEquals: { 'events:source': text } }),
      },
    },
  },
  BusForOne: {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: {
      EventBusName: ref('Bus'),
      StatementId: 'one',
      Action: 'events:PutEvents',
      Principal: turn === 1 ? '111111111111' : '222222222222',
    },
  },
  Rule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: `rate(${turn + 4} minutes)`,
      Tags,
      Targets: [{ Id: `t${turn}`, Arn: att('Jobs') }],
    },
  },
  BusRule: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: ref('Bus'),
      EventPattern: { source: [text] },
      Targets: [{ Id: 'jobs', Arn: att('Jobs'), RetryPolicy: { MaximumRetryAttempts: turn } }],
    },
  },
  Kept: {
    Type: 'AWS::Events::Archive',
    // The CDK's archives have an empty key.
    Properties: {
      SourceArn: att('Bus'),
      RetentionDays: turn,
      KmsKeyIdentifier: '',
      ...only(1, 'EventPattern', { source: ['shop'] }),
    },
  },
  Shop: {
    Type: 'AWS::Events::Connection',
    Properties: {
      AuthorizationType: 'BASIC',
      AuthParameters: { BasicAuthParameters: { Username: 'user', Password: text } },
      ...only(1, 'Description', text),
    },
  },
  ShopApi: {
    Type: 'AWS::Events::ApiDestination',
    Properties: {
      ConnectionArn: att('Shop'),
      HttpMethod: turn === 1 ? 'POST' : 'PUT',
      InvocationEndpoint: 'http://localhost:8080/orders',
      InvocationRateLimitPerSecond: turn,
    },
  },
});
