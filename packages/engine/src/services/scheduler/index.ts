import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { SchedulerService } from './service.ts';

export const scheduler: ServiceDescriptor = {
  id: 'scheduler',
  name: 'Amazon EventBridge Scheduler',
  wire: {
    signingName: 'scheduler',
    target: 'AWSChronosService',
    protocol: 'rest-json',
    apiVersion: '2021-06-30',
  },
  sdk: () => import('@aws-sdk/client-scheduler'),
  resourceTypes,
  create: (environment) => new SchedulerService(environment),
};
