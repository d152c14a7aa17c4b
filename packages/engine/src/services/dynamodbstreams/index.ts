import type { ServiceDescriptor } from '../../core/index.ts';
import { DynamoDbStreamsService } from './service.ts';

export const dynamodbstreams: ServiceDescriptor = {
  id: 'dynamodbstreams',
  name: 'Amazon DynamoDB Streams',
  arnService: 'dynamodb',
  wire: {
    signingName: 'dynamodb',
    target: 'DynamoDBStreams_20120810',
    protocol: 'json',
    apiVersion: '2012-08-10',
    errorNamespace: 'com.amazonaws.dynamodb.v20120810',
  },
  sdk: () => import('@aws-sdk/client-dynamodb-streams'),
  offers: { lends: ['streams', 'tableStreams'] },
  create: (environment) => new DynamoDbStreamsService(environment),
};
