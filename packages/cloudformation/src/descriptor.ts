import type { ServiceDescriptor } from '@holdfast/engine';
import { resourceTypes } from './resources/index.ts';
import { CloudFormationService } from './service.ts';
import { loadYaml } from './template/yaml.ts';

export const cloudFormation: ServiceDescriptor = {
  id: 'cloudformation',
  name: 'AWS CloudFormation',
  wire: {
    signingName: 'cloudformation',
    target: 'CloudFormation',
    protocol: 'query',
    apiVersion: '2010-05-15',
  },
  // Whoever calls by the wire may bring YAML.
  sdk: async () => {
    await loadYaml();
    return import('@aws-sdk/client-cloudformation');
  },
  resourceTypes,
  offers: { routes: [{ path: 'custom-resource-responses' }] },
  create: (environment) => new CloudFormationService(environment),
};
