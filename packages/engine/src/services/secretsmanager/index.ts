import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { SecretsManagerService } from './service.ts';

export const secretsmanager: ServiceDescriptor = {
  id: 'secretsmanager',
  name: 'AWS Secrets Manager',
  wire: {
    signingName: 'secretsmanager',
    target: 'secretsmanager',
    protocol: 'json',
    apiVersion: '2017-10-17',
  },
  sdk: () => import('@aws-sdk/client-secrets-manager'),
  resourceTypes,
  create: (environment) => new SecretsManagerService(environment),
};
