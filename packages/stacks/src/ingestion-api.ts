import type { PipelineFunction } from '@holdfast/constructs';
import { RemovalPolicy } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** The HTTP API of the ingestion lab: throttled, open to browsers, with access logs. @param routes - `POST /events` and its handler */
export const ingestionApi = (
  scope: Construct,
  name: string,
  routes: Readonly<Record<string, PipelineFunction>>,
): apigateway.HttpApi => {
  const api = new apigateway.HttpApi(scope, 'Api', {
    apiName: name,
    createDefaultStage: false,
    corsPreflight: {
      allowOrigins: ['*'],
      allowMethods: [apigateway.CorsHttpMethod.GET, apigateway.CorsHttpMethod.POST],
      allowHeaders: ['content-type', 'x-correlation-id'],
    },
  });
  const integrations = new Map<PipelineFunction, HttpLambdaIntegration>();
  for (const [route, handler] of Object.entries(routes)) {
    const [method, path] = route.split(' ') as [apigateway.HttpMethod, string];
    const integration =
      integrations.get(handler) ?? new HttpLambdaIntegration(`${handler.node.id}Integration`, handler.function);
    integrations.set(handler, integration);
    api.addRoutes({ path, methods: [method], integration });
  }
  const accessLogs = new logs.LogGroup(scope, 'AccessLogs', {
    logGroupName: `/aws/vendedlogs/apigateway/${name}`,
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new apigateway.HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: 1_000, burstLimit: 2_000 },
    accessLogSettings: { destination: new apigateway.LogGroupLogDestination(accessLogs) },
  });
  return api;
};
