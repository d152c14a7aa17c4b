import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, number, only, att, ref }) => ({
  Http: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: {
      Name: text,
      ProtocolType: 'HTTP',
      Tags: { turn: String(turn) },
      ...only(1, 'CorsConfiguration', { AllowOrigins: ['*'] }),
    },
  },
  HttpIntegration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: ref('Http'),
      IntegrationType: 'AWS_PROXY',
      IntegrationSubtype: 'SQS-SendMessage',
      PayloadFormatVersion: '1.0',
      CredentialsArn: att('Role'),
      RequestParameters: {
        QueueUrl: ref('Dead'),
        MessageBody: '$request.body',
        ...only(1, 'DelaySeconds', '5'),
      },
    },
  },
  HttpRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('Http'),
      RouteKey: `POST /turn${turn}`,
      Target: { 'Fn::Join': ['/', ['integrations', ref('HttpIntegration')]] },
    },
  },
  HttpAuthorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ApiId: ref('Http'),
      Name: text,
      AuthorizerType: 'REQUEST',
      AuthorizerUri: att('Worker'),
      AuthorizerPayloadFormatVersion: `${turn}.0`,
      IdentitySource: [`$request.header.X-${turn}`],
      AuthorizerResultTtlInSeconds: number,
    },
  },
  ClosedRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('Http'),
      RouteKey: 'GET /closed',
      Target: { 'Fn::Join': ['/', ['integrations', ref('HttpIntegration')]] },
      ...only(1, 'AuthorizationType', 'CUSTOM'),
      ...only(1, 'AuthorizerId', ref('HttpAuthorizer')),
    },
  },
  HttpDeployment: {
    Type: 'AWS::ApiGatewayV2::Deployment',
    DependsOn: ['HttpRoute', 'ClosedRoute'],
    Properties: { ApiId: ref('Http'), Description: text },
  },
  HttpStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: {
      ApiId: ref('Http'),
      StageName: 'prod',
      DeploymentId: ref('HttpDeployment'),
      DefaultRouteSettings: { ThrottlingBurstLimit: number, ThrottlingRateLimit: number },
      Tags: { turn: String(turn) },
      ...only(1, 'StageVariables', { word: 'one' }),
    },
  },
});
