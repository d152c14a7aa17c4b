import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { PipesService } from './service.ts';

export const pipes: ServiceDescriptor = {
  id: 'pipes',
  name: 'Amazon EventBridge Pipes',
  wire: {
    signingName: 'pipes',
    target: 'Pipes',
    protocol: 'rest-json',
    apiVersion: '2015-10-07',
  },
  sdk: () => import('@aws-sdk/client-pipes'),
  resourceTypes,
  create: (environment) => new PipesService(environment),
};
