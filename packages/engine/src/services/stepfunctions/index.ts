import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { StatesService } from './service.ts';

export const stepfunctions: ServiceDescriptor = {
  id: 'states',
  name: 'AWS Step Functions',
  wire: {
    signingName: 'states',
    target: 'AWSStepFunctions',
    protocol: 'json',
    apiVersion: '2016-11-23',
  },
  sdk: () => import('@aws-sdk/client-sfn'),
  resourceTypes,
  offers: { targets: ['stateMachine'] },
  create: (environment) => new StatesService(environment),
};
