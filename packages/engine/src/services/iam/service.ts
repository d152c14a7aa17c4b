import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';

export class IamService implements Service {
  readonly id = 'iam';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}
}
