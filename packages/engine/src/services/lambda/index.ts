import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { LambdaService } from './service.ts';

export const lambda: ServiceDescriptor = {
  id: 'lambda',
  name: 'AWS Lambda',
  wire: {
    signingName: 'lambda',
    target: 'AWSGirApiService',
    protocol: 'rest-json',
    apiVersion: '2015-03-31',
    paths:
      /^\/20\d\d-\d\d-\d\d\/(?:functions|event-source-mappings|layers|layers-by-arn|tags|account-settings|code-signing-configs|runtime|durable-executions|capacity-providers)(?:\/|$)/,
  },
  sdk: () => import('@aws-sdk/client-lambda'),
  resourceTypes,
  offers: {
    targets: ['function'],
    routes: [{ path: 'lambda-url', hostLabel: 'lambda-url' }, { path: 'lambda/archives' }],
  },
  create: (environment) => new LambdaService(environment),
};
