import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const att = (logicalId: string, attribute: string) => ({ 'Fn::GetAtt': [logicalId, attribute] });
const join = (...parts: readonly unknown[]) => ({ 'Fn::Join': ['', parts] });

/** What the CDK makes of `HttpApi`, `HttpLambdaIntegration` and `addRoutes`. */
const template = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } }],
        },
      },
    },
    Fn: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { ZipFile: 'exports.handler = async () => 1;' },
        Handler: 'index.handler',
        Role: att('Role', 'Arn'),
        Runtime: 'nodejs22.x',
      },
    },
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        CorsConfiguration: { AllowMethods: ['POST'], AllowOrigins: ['*'] },
        Name: 'Api',
        ProtocolType: 'HTTP',
      },
    },
    DefaultStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Api' }, AutoDeploy: true, StageName: '$default' },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: att('Fn', 'Arn'),
        PayloadFormatVersion: '2.0',
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: att('Fn', 'Arn'),
        Principal: 'apigateway.amazonaws.com',
        SourceArn: join(
          'arn:',
          { Ref: 'AWS::Partition' },
          ':execute-api:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          ':',
          { Ref: 'Api' },
          '/*/*/events/{id}',
        ),
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        AuthorizationType: 'NONE',
        RouteKey: 'GET /events/{id}',
        Target: join('integrations/', { Ref: 'Integration' }),
      },
    },
  },
  Outputs: { Url: { Value: att('Api', 'ApiEndpoint') } },
};

it('an HTTP API of the CDK is deployed and served, and changed while it is', async () => {
  const bench = new DeployerBench();
  const created = await bench.create('api', template);
  expect(created.StackStatus).toBe('CREATE_COMPLETE');
  const url = created.Outputs?.[0]?.OutputValue ?? '';
  const ApiId = url.slice(url.lastIndexOf('/') + 1);
  const served = async () => {
    const { DeploymentId } = await bench.call('apigatewayv2', 'GetStage', { ApiId, StageName: '$default' });
    return DeploymentId;
  };
  const first = await served();
  expect(first).toEqual(expect.any(String));

  const { Route, Api } = template.Resources;
  const { CorsConfiguration: _, ...properties } = Api.Properties;
  const updated = await bench.update('api', {
    ...template,
    Resources: {
      ...template.Resources,
      Api: { ...Api, Properties: properties },
      Route: { ...Route, Properties: { ...Route.Properties, RouteKey: 'POST /events/{id}' } },
    },
  });
  expect(updated.StackStatus).toBe('UPDATE_COMPLETE');
  expect(await bench.call('apigatewayv2', 'GetRoutes', { ApiId })).toMatchObject({
    Items: [{ RouteKey: 'POST /events/{id}' }],
  });
  expect(await bench.call('apigatewayv2', 'GetApi', { ApiId })).not.toHaveProperty('CorsConfiguration');
  expect(await served()).not.toBe(first);
});

it('what is not modelled of an HTTP API is refused before anything is made', async () => {
  const bench = new DeployerBench();
  const body = { Resources: { Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Body: {} } } } };
  await expect(bench.create('api', body)).rejects.toThrow('Body');
  expect(await bench.call('apigatewayv2', 'GetApis')).toEqual({ Items: [] });
});
