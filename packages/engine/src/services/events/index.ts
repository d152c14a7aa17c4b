import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { EventsService } from './service.ts';

export const events: ServiceDescriptor = {
  id: 'events',
  name: 'Amazon EventBridge',
  wire: {
    signingName: 'events',
    target: 'AWSEvents',
    protocol: 'json',
    apiVersion: '2015-10-07',
  },
  sdk: () => import('@aws-sdk/client-eventbridge'),
  resourceTypes,
  offers: { targets: ['bus'] },
  create: (environment) => new EventsService(environment),
};
