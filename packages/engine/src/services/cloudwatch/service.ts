import type { MetricSink, OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';

export class CloudWatchService implements Service, MetricSink {
  readonly id = 'cloudwatch';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}

  record(): void {}
}
