import type { ServiceDescriptor } from '../../core/index.ts';
import { StsService } from './service.ts';

export const sts: ServiceDescriptor = {
  id: 'sts',
  name: 'AWS STS',
  wire: {
    signingName: 'sts',
    target: 'AWSSecurityTokenServiceV20110615',
    protocol: 'query',
    apiVersion: '2011-06-15',
  },
  sdk: () => import('@aws-sdk/client-sts'),
  offers: { lends: ['sessions'] },
  create: (environment) => new StsService(environment),
};
