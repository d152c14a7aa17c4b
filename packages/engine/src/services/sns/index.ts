import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { SnsService } from './service.ts';

export const sns: ServiceDescriptor = {
  id: 'sns',
  name: 'Amazon SNS',
  wire: {
    signingName: 'sns',
    target: 'AmazonSimpleNotificationService',
    protocol: 'query',
    apiVersion: '2010-03-31',
    linkedActions: ['ConfirmSubscription', 'Unsubscribe'],
  },
  sdk: () => import('@aws-sdk/client-sns'),
  resourceTypes,
  offers: { targets: ['topic'], lends: ['mail'], routes: [{ path: 'mail' }, { path: 'sns' }] },
  create: (environment) => new SnsService(environment),
};
