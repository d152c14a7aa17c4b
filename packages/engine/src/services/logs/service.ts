import type { LogSink, OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';

export class LogsService implements Service, LogSink {
  readonly id = 'logs';
  readonly operations: OperationTable = {};

  constructor(_environment: ServiceEnvironment) {}

  append(): void {}
}
