import type { ServiceDescriptor } from '@holdfast/engine';
import { resourceTypes } from './resources/placeholders.ts';
import { CloudFormationService } from './service.ts';

export const cloudFormation: ServiceDescriptor = {
  id: 'cloudformation',
  name: 'AWS CloudFormation',
  wire: {
    signingName: 'cloudformation',
    target: 'CloudFormation',
    protocol: 'query',
    apiVersion: '2010-05-15',
  },
  sdk: () => import('@aws-sdk/client-cloudformation'),
  resourceTypes,
  create: (environment) => new CloudFormationService(environment),
};
