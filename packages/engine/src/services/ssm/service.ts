import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';

export class SsmService implements Service {
  readonly id = 'ssm';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}
}
