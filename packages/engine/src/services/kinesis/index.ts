import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { KinesisService } from './service.ts';

export const kinesis: ServiceDescriptor = {
  id: 'kinesis',
  name: 'Amazon Kinesis',
  wire: {
    signingName: 'kinesis',
    target: 'Kinesis_20131202',
    protocol: 'json',
    apiVersion: '2013-12-02',
  },
  sdk: () => import('@aws-sdk/client-kinesis'),
  resourceTypes,
  offers: { lends: ['streams'] },
  create: (environment) => new KinesisService(environment),
};
