import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { LogsService } from './service.ts';

export const logs: ServiceDescriptor = {
  id: 'logs',
  name: 'Amazon CloudWatch Logs',
  wire: {
    signingName: 'logs',
    target: 'Logs_20140328',
    protocol: 'json',
    apiVersion: '2014-03-28',
  },
  sdk: () => import('@aws-sdk/client-cloudwatch-logs'),
  resourceTypes,
  offers: { lends: ['logs'] },
  create: (environment) => new LogsService(environment),
};
