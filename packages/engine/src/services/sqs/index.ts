import type { ServiceDescriptor } from '../../core/index.ts';
import { QUEUE_PATH } from './queue-names.ts';
import { resourceTypes } from './resources/index.ts';
import { SqsService } from './service.ts';

export const sqs: ServiceDescriptor = {
  id: 'sqs',
  name: 'Amazon SQS',
  wire: {
    signingName: 'sqs',
    target: 'AmazonSQS',
    protocol: 'query',
    apiVersion: '2012-11-05',
    // The SDK speaks JSON and no longer says it.
    xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    errorNamespace: 'com.amazonaws.sqs',
    ignoresModelledStatus: true,
    paths: QUEUE_PATH,
  },
  sdk: () => import('@aws-sdk/client-sqs'),
  resourceTypes,
  offers: { targets: ['queue'], lends: ['queues'], routes: [{ path: 'queues' }] },
  create: (environment) => new SqsService(environment),
};
