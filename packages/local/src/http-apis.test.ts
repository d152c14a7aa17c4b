import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
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
import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('an HTTP API made with the SDK is served by its endpoint: a function, and a queue without one', async () => {
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

it('a header that is sent twice is joined by a comma in format 2.0, and has its two values in format 1.0', async () => {
  const code = `export const handler = async (event) => ({
    statusCode: 200,
    body: JSON.stringify([event.headers['x-a'], event.multiValueHeaders?.['x-a'], event.multiValueHeaders?.['x-b']]),
  });`;
  const { FunctionArn = '' } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'twice',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: archiveOf({ 'index.mjs': code }) },
    }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'twice',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    }),
  );
  const { ApiId = '', ApiEndpoint = '' } = await api.send(new CreateApiCommand({ Name: 'two', ProtocolType: 'HTTP' }));
  for (const PayloadFormatVersion of ['1.0', '2.0']) {
    const { IntegrationId } = await api.send(
      new CreateIntegrationCommand({
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FunctionArn,
        PayloadFormatVersion,
      }),
    );
    await api.send(
      new CreateRouteCommand({
        ApiId,
        RouteKey: `GET /${PayloadFormatVersion}`,
        Target: `integrations/${IntegrationId}`,
      }),
    );
  }
  await api.send(new CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
  const ask = (path: string) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { 'x-a': ['1', '2'], 'x-b': 'b' };
      get(`${ApiEndpoint}${path}`, { headers }, (response) => {
        json(response).then(resolve, reject);
      }).on('error', reject);
    });
  expect(await ask('/1.0')).toEqual(['2', ['1', '2'], ['b']]);
  expect(await ask('/2.0')).toEqual(['1,2', null, null]);
});

it('a SAM template with an HttpApi event deploys, and its output answers', async () => {
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

it('a template in the form of the CDK puts tokens of an issuer on this machine before a route', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const issuer = createServer((request, response) => {
    const home = `http://${request.headers.host}`;
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }];
    response.end(JSON.stringify(request.url === '/keys' ? { keys } : { issuer: home, jwks_uri: `${home}/keys` }));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const Issuer = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenOf = (claims: object) => {
    const signed = `${encoded({ alg: 'RS256', kid: 'k' })}.${encoded({ iss: Issuer, aud: 'app', ...claims })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };
  const ref = (name: string) => ({ Ref: name });
  const template = {
    Resources: {
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { ZipFile: 'exports.handler = async ({ requestContext }) => requestContext.authorizer;' },
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/runner',
          Runtime: 'nodejs22.x',
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction',
          FunctionName: ref('Fn'),
          Principal: 'apigateway.amazonaws.com',
        },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'closed', ProtocolType: 'HTTP' } },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId: ref('Api'), StageName: '$default', AutoDeploy: true },
      },
      Tokens: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          ApiId: ref('Api'),
          AuthorizerType: 'JWT',
          IdentitySource: ['$request.header.Authorization'],
          JwtConfiguration: { Audience: ['app'], Issuer },
          Name: 'Tokens',
        },
      },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref('Api'),
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['Fn', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: ref('Api'),
          AuthorizationScopes: ['read'],
          AuthorizationType: 'JWT',
          AuthorizerId: ref('Tokens'),
          RouteKey: 'GET /me',
          Target: { 'Fn::Join': ['', ['integrations/', ref('Integration')]] },
        },
      },
    },
    Outputs: { Url: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } } },
  };
  const cloudFormation = new CloudFormationClient(clientOptions(local));
  try {
    await cloudFormation.send(new CreateStackCommand({ StackName: 'closed', TemplateBody: JSON.stringify(template) }));
    const { reason } = await waitUntilStackCreateComplete(
      { client: cloudFormation, maxWaitTime: 30, minDelay: 1 },
      { StackName: 'closed' },
    );
    const url = `${reason.Stacks[0].Outputs[0].OutputValue}/me`;
    const exp = Math.floor(Date.now() / 1_000) + 60;
    const ask = (token: string) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    const nobody = await fetch(url);
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    const late = await ask(tokenOf({ exp: 1, scope: 'read' }));
    expect([late.status, late.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('has expired')]);
    expect((await ask(tokenOf({ exp, scope: 'write' }))).status).toBe(403);
    const good = await ask(tokenOf({ exp, scope: 'read', sub: 'u1' }));
    expect([good.status, await good.json()]).toEqual([
      200,
      { jwt: { claims: { iss: Issuer, aud: 'app', exp: String(exp), scope: 'read', sub: 'u1' }, scopes: ['read'] } },
    ]);
  } finally {
    cloudFormation.destroy();
    issuer.close();
  }
});

it('REST APIs, which sign with the same name, are refused by theirs', async () => {
  const Authorization =
    'AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=x';
  const answer = await fetch(`${local.endpoint}/restapis`, { headers: { Authorization } });
  expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining('Amazon API Gateway REST APIs')]);
});
