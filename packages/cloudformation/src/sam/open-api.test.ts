import { strToU8 } from 'fflate';
import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

const toQueue = (more: object = {}) => ({
  type: 'aws_proxy',
  integrationSubtype: 'SQS-SendMessage',
  credentials: { 'Fn::GetAtt': ['Role', 'Arn'] },
  connectionType: 'INTERNET',
  payloadFormatVersion: '1.0',
  requestParameters: { MessageBody: '$request.body', QueueUrl: { Ref: 'Jobs' } },
  ...more,
});

const documentWith = (paths: object, more: object = {}) => ({
  openapi: '3.0.1',
  info: { title: 'Orders', version: '1' },
  paths,
  ...more,
});

const template = (DefinitionBody: object) => ({
  Transform: 'AWS::Serverless-2016-10-31',
  Resources: {
    Jobs: { Type: 'AWS::SQS::Queue' },
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } },
    Front: { Type: 'AWS::Serverless::HttpApi', Properties: { DefinitionBody } },
  },
  Outputs: { Id: { Value: { Ref: 'Front' } } },
});

type Listed = { Items: Record<string, unknown>[] };

const apiOf = async (bench: DeployerBench, body: object) => {
  const { Outputs } = await bench.create('orders', template(body));
  const ApiId = Outputs?.[0]?.OutputValue;
  const list = async (action: string) => (await bench.call<Listed>('apigatewayv2', action, { ApiId })).Items;
  return { api: await bench.call('apigatewayv2', 'GetApi', { ApiId }), list };
};

it('routes and integrations of the document are made, with its title and its CORS', async () => {
  const document = documentWith(
    {
      '/orders': { post: { operationId: 'order', responses: {}, 'x-amazon-apigateway-integration': toQueue() } },
      '/$default': {
        'x-amazon-apigateway-any-method': {
          'x-amazon-apigateway-integration': { $ref: '#/components/x-amazon-apigateway-integrations/rest' },
        },
      },
    },
    {
      components: { schemas: {}, 'x-amazon-apigateway-integrations': { rest: toQueue({ timeoutInMillis: 5_000 }) } },
      'x-amazon-apigateway-cors': { allowOrigins: ['*'], maxAge: 5, allowCredentials: false },
      'x-amazon-apigateway-importexport-version': '1.0',
    },
  );
  const { api, list } = await apiOf(new DeployerBench(), document);

  expect(api).toMatchObject({ Name: 'Orders', CorsConfiguration: { AllowOrigins: ['*'], MaxAge: 5 } });
  const routes = await list('GetRoutes');
  expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual(['$default', 'POST /orders']);
  expect(routes.find(({ RouteKey }) => RouteKey === 'POST /orders')).toMatchObject({ OperationName: 'order' });
  const integrations = await list('GetIntegrations');
  expect(integrations.map(({ TimeoutInMillis }) => TimeoutInMillis).sort()).toEqual([30_000, 5_000]);
  expect(integrations[0]).toMatchObject({
    IntegrationType: 'AWS_PROXY',
    IntegrationSubtype: 'SQS-SendMessage',
    RequestParameters: { MessageBody: '$request.body' },
  });
});

it('the document may stand in a file that the template includes', async () => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'parts' });
  const yaml = `openapi: 3.0.1
info: { title: From a file }
paths:
  /orders:
    post:
      x-amazon-apigateway-integration:
        type: aws_proxy
        integrationSubtype: SQS-SendMessage
        credentials: !GetAtt Role.Arn
        payloadFormatVersion: "1.0"
        requestParameters: { MessageBody: $request.body, QueueUrl: !Ref Jobs }
`;
  await bench.call('s3', 'PutObject', { Bucket: 'parts', Key: 'api.yaml', Body: strToU8(yaml) });
  const { api, list } = await apiOf(bench, {
    'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://parts/api.yaml' } },
  });

  expect(api).toMatchObject({ Name: 'From a file' });
  expect(await list('GetRoutes')).toMatchObject([{ RouteKey: 'POST /orders' }]);
});

it('what of the document is not modelled is refused by name', async () => {
  const secured = documentWith({ '/a': { get: { security: [{ jwt: [] }] } } }, { components: { securitySchemes: {} } });
  await expect(new DeployerBench().create('orders', template(secured))).rejects.toThrow(
    'AWS::Serverless::HttpApi with DefinitionBody with components with securitySchemes (resource Front)',
  );
  const mapped = documentWith({ '/a': { get: { 'x-amazon-apigateway-integration': toQueue({ tlsConfig: {} }) } } });
  await expect(new DeployerBench().create('orders', template(mapped))).rejects.toThrow(
    'AWS::Serverless::HttpApi with DefinitionBody with GET /a with tlsConfig (resource Front)',
  );
});
