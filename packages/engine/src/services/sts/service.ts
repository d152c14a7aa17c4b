import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';

export class StsService implements Service {
  readonly id = 'sts';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}
}
