import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';

export class DynamoDbService implements Service {
  readonly id = 'dynamodb';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}
}
