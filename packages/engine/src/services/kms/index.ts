import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { KmsService } from './service.ts';

export const kms: ServiceDescriptor = {
  id: 'kms',
  name: 'AWS KMS',
  wire: {
    signingName: 'kms',
    target: 'TrentService',
    protocol: 'json',
    apiVersion: '2014-11-01',
  },
  sdk: () => import('@aws-sdk/client-kms'),
  resourceTypes,
  offers: { lends: ['keys'] },
  create: (environment) => new KmsService(environment),
};
