import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { SsmService } from './service.ts';

export const ssm: ServiceDescriptor = {
  id: 'ssm',
  name: 'AWS Systems Manager',
  wire: {
    signingName: 'ssm',
    target: 'AmazonSSM',
    protocol: 'json',
    apiVersion: '2014-11-06',
  },
  sdk: () => import('@aws-sdk/client-ssm'),
  resourceTypes,
  create: (environment) => new SsmService(environment),
};
