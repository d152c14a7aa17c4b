import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { CloudWatchService } from './service.ts';

export const cloudwatch: ServiceDescriptor = {
  id: 'cloudwatch',
  name: 'Amazon CloudWatch',
  wire: {
    signingName: 'monitoring',
    target: 'GraniteServiceVersion20100801',
    protocol: 'query',
    apiVersion: '2010-08-01',
    errorNamespace: 'com.amazonaws.cloudwatch',
  },
  sdk: () => import('@aws-sdk/client-cloudwatch'),
  resourceTypes,
  offers: { lends: ['metrics'], routes: [{ path: 'dashboards' }, { path: 'dashboard-assets' }] },
  create: (environment) => new CloudWatchService(environment),
};
