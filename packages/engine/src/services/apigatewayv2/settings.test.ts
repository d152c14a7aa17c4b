import { beforeEach, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

let test: TestEngine;
let ApiId: string;
const api = <Output = Record<string, string>>(action: string, input: object = {}): Promise<Output> =>
  test.call<Output>('apigatewayv2', action, { ApiId, ...input });

beforeEach(async () => {
  test = new TestEngine();
  const made = await test.call<{ ApiId: string }>('apigatewayv2', 'CreateApi', {
    Name: 'orders',
    ProtocolType: 'HTTP',
    CorsConfiguration: { AllowOrigins: ['https://shop.example'] },
  });
  ({ ApiId } = made);
});

it('CORS of an API ends when its configuration is deleted', async () => {
  expect(await api('GetApi')).toMatchObject({ CorsConfiguration: { AllowOrigins: ['https://shop.example'] } });
  await api('DeleteCorsConfiguration');
  expect(await api('GetApi')).not.toHaveProperty('CorsConfiguration');
});

it('an integration keeps what an update leaves out, and a deleted route is gone', async () => {
  const { IntegrationId } = await api('CreateIntegration', {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'GET',
    IntegrationUri: 'http://127.0.0.1:9000/a',
    PayloadFormatVersion: '1.0',
  });
  await api('UpdateIntegration', { IntegrationId, IntegrationUri: 'http://127.0.0.1:9000/b', TimeoutInMillis: 2_000 });
  expect(await api('GetIntegration', { IntegrationId })).toMatchObject({
    IntegrationMethod: 'GET',
    IntegrationUri: 'http://127.0.0.1:9000/b',
    TimeoutInMillis: 2_000,
  });

  const { RouteId } = await api('CreateRoute', { RouteKey: 'GET /a', Target: `integrations/${IntegrationId}` });
  await api('DeleteRoute', { RouteId });
  expect(await api('GetRoutes')).toMatchObject({ Items: [] });
  await expect(api('DeleteRoute', { RouteId })).rejects.toMatchObject({ code: 'NotFoundException' });
});

it('an authorizer is changed in part', async () => {
  const { AuthorizerId } = await api('CreateAuthorizer', {
    Name: 'users',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['app'] },
  });
  await api('UpdateAuthorizer', {
    AuthorizerId,
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['app', 'shop'] },
  });
  expect(await api('GetAuthorizer', { AuthorizerId })).toMatchObject({
    Name: 'users',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Audience: ['app', 'shop'] },
  });
});

/** `GET /a`, to a server that nobody asks here. */
const createRoute = async (): Promise<void> => {
  const { IntegrationId } = await api('CreateIntegration', {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'GET',
    IntegrationUri: 'http://127.0.0.1:9000/a',
    PayloadFormatVersion: '1.0',
  });
  await api('CreateRoute', { RouteKey: 'GET /a', Target: `integrations/${IntegrationId}` });
};

it('a deployment is described anew, and stays while a stage points to it', async () => {
  await createRoute();
  const { DeploymentId } = await api('CreateDeployment', { Description: 'old' });
  await api('UpdateDeployment', { DeploymentId, Description: 'new' });
  expect(await api('GetDeployment', { DeploymentId })).toMatchObject({ DeploymentId, Description: 'new' });
  await api('CreateStage', { StageName: 'live', DeploymentId });
  await expect(api('DeleteDeployment', { DeploymentId })).rejects.toMatchObject({ code: 'BadRequestException' });
});

it('settings of one route, and of the access log, leave a stage when they are deleted', async () => {
  await createRoute();
  await test.call('logs', 'CreateLogGroup', { logGroupName: 'access' });
  await api('CreateStage', {
    StageName: '$default',
    AutoDeploy: true,
    RouteSettings: { 'GET /a': { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 } },
    AccessLogSettings: {
      DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:access',
      Format: '$context.requestId',
    },
  });
  const stage = () => api<Record<string, unknown>>('GetStage', { StageName: '$default' });
  expect(Object.keys((await stage())['RouteSettings'] as object)).toEqual(['GET /a']);

  await api('DeleteRouteSettings', { StageName: '$default', RouteKey: 'GET /a' });
  await api('DeleteAccessLogSettings', { StageName: '$default' });

  expect(Object.keys(((await stage())['RouteSettings'] as object | undefined) ?? {})).toEqual([]);
  expect(await stage()).not.toHaveProperty('AccessLogSettings');
  const again = api('DeleteRouteSettings', { StageName: '$default', RouteKey: 'GET /a' });
  await expect(again).rejects.toMatchObject({ code: 'NotFoundException' });
});

it('tags of an API are found by its ARN', async () => {
  const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
  await test.call('apigatewayv2', 'TagResource', { ResourceArn, Tags: { team: 'blue' } });
  expect(await test.call('apigatewayv2', 'GetTags', { ResourceArn })).toEqual({ Tags: { team: 'blue' } });
});
