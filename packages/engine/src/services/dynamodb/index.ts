import type { ServiceDescriptor } from '../../core/index.ts';
import { resourceTypes } from './resources/index.ts';
import { DynamoDbService } from './service.ts';

export const dynamodb: ServiceDescriptor = {
  id: 'dynamodb',
  name: 'Amazon DynamoDB',
  wire: {
    signingName: 'dynamodb',
    target: 'DynamoDB_20120810',
    protocol: 'json',
    apiVersion: '2012-08-10',
    errorNamespace: 'com.amazonaws.dynamodb.v20120810',
  },
  sdk: () => import('@aws-sdk/client-dynamodb'),
  resourceTypes,
  create: (environment) => new DynamoDbService(environment),
};
