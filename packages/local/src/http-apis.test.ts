import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  GetRoutesCommand,
  NotFoundException,
} from '@aws-sdk/client-apigatewayv2';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalEngine } from './index.ts';
import { archiveOf } from './testing/archive.ts';
import { clientOptions } from './testing/client-options.ts';

let local: LocalEngine;
let api: ApiGatewayV2Client;
let lambda: LambdaClient;
let sqs: SQSClient;
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0 });
  api = new ApiGatewayV2Client(clientOptions(local));
  lambda = new LambdaClient(clientOptions(local));
  sqs = new SQSClient(clientOptions(local));
});
afterAll(async () => {
  for (const client of [api, lambda, sqs]) client.destroy();
  await local.close();
});

const CODE = `export const handler = async ({ routeKey, pathParameters, body }) => ({
  statusCode: 201,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify([routeKey, pathParameters, body]),
});`;

test('an HTTP API made with the SDK is served by its endpoint: a function, and a queue without one', async () => {
  const { FunctionArn = '' } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'web',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: archiveOf({ 'index.mjs': CODE }) },
    }),
  );
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'posted' }));
  const { ApiId = '', ApiEndpoint = '' } = await api.send(new CreateApiCommand({ Name: 'shop', ProtocolType: 'HTTP' }));
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'web',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/*/*/events/{id}`,
    }),
  );
  const toFunction = await api.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: FunctionArn,
      PayloadFormatVersion: '2.0',
    }),
  );
  const toQueue = await api.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationSubtype: 'SQS-SendMessage',
      PayloadFormatVersion: '1.0',
      CredentialsArn: 'arn:aws:iam::000000000000:role/api',
      RequestParameters: { QueueUrl, MessageBody: '$request.body.order' },
    }),
  );
  const route = (RouteKey: string, id: string | undefined) =>
    api.send(new CreateRouteCommand({ ApiId, RouteKey, Target: `integrations/${id}` }));
  await route('POST /events/{id}', toFunction.IntegrationId);
  await route('POST /queue', toQueue.IntegrationId);
  await api.send(new CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));

  const answer = await fetch(`${ApiEndpoint}/events/7?x=1`, { method: 'POST', body: 'hello' });
  expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
    201,
    'application/json',
    ['POST /events/{id}', { id: '7' }, 'hello'],
  ]);
  const missing = await fetch(`${ApiEndpoint}/nothing`);
  expect([missing.status, await missing.json()]).toEqual([404, { message: 'Not Found' }]);

  const queued = await fetch(`${ApiEndpoint}/queue`, { method: 'POST', body: '{"order":{"id":1}}' });
  expect([queued.status, queued.headers.get('content-type')]).toEqual([200, 'text/xml']);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages.map(({ Body }) => Body)).toEqual(['{"id":1}']);

  const { Items = [] } = await api.send(new GetRoutesCommand({ ApiId }));
  expect(Items.map(({ RouteKey }) => RouteKey).sort()).toEqual(['POST /events/{id}', 'POST /queue']);
  await expect(api.send(new GetRoutesCommand({ ApiId: 'none' }))).rejects.toThrow(NotFoundException);
});

test('a SAM template with an HttpApi event deploys, and its output answers', async () => {
  const cloudFormation = new CloudFormationClient(clientOptions(local));
  const template = {
    Transform: 'AWS::Serverless-2016-10-31',
    Resources: {
      Hello: {
        Type: 'AWS::Serverless::Function',
        Properties: {
          InlineCode: 'exports.handler = async ({ rawPath }) => "hello " + rawPath;',
          Handler: 'index.handler',
          Runtime: 'nodejs22.x',
          Events: { Get: { Type: 'HttpApi', Properties: { Path: '/hello/{name}', Method: 'get' } } },
        },
      },
    },
    Outputs: { Url: { Value: { 'Fn::GetAtt': ['ServerlessHttpApi', 'ApiEndpoint'] } } },
  };
  try {
    await cloudFormation.send(
      new CreateStackCommand({
        StackName: 'sam',
        TemplateBody: JSON.stringify(template),
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'],
      }),
    );
    const { reason } = await waitUntilStackCreateComplete(
      { client: cloudFormation, maxWaitTime: 30, minDelay: 1 },
      { StackName: 'sam' },
    );
    const url = reason.Stacks[0].Outputs[0].OutputValue as string;
    const answer = await fetch(`${url}/hello/you`);
    expect([answer.status, await answer.text()]).toEqual([200, 'hello /hello/you']);
  } finally {
    cloudFormation.destroy();
  }
});

test('REST APIs, which sign with the same name, are refused by theirs', async () => {
  const Authorization =
    'AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=x';
  const answer = await fetch(`${local.endpoint}/restapis`, { headers: { Authorization } });
  expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining('Amazon API Gateway REST APIs')]);
});
