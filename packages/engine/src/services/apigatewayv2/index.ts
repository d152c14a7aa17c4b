import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { ApiGatewayService } from './service.ts';

export const apigatewayv2: ServiceDescriptor = {
  id: 'apigatewayv2',
  name: 'Amazon API Gateway',
  arnService: 'apigateway',
  wire: {
    signingName: 'apigateway',
    target: 'ApiGatewayV2',
    protocol: 'rest-json',
    apiVersion: '2018-11-29',
    paths: /^\/v2\/(?:apis|domainnames|portalproducts|portals|tags|vpclinks)(?:\/|$)/,
    sharesNameWith: 'Amazon API Gateway REST APIs',
  },
  sdk: () => import('@aws-sdk/client-apigatewayv2'),
  resourceTypes,
  offers: { routes: [{ path: 'execute-api', hostLabel: 'execute-api' }] },
  create: (environment) => new ApiGatewayService(environment),
};
