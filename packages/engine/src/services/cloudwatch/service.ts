import type {
  GetMetricStatisticsCommandInput,
  GetMetricStatisticsCommandOutput,
  PutMetricDataCommandInput,
  PutMetricDataCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import {
  type MetricPoint,
  type MetricSink,
  type OperationTable,
  operation,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { getMetricStatistics } from './get-metric-statistics.ts';
import { MetricStore } from './metric-store.ts';
import { putMetricData } from './put-metric-data.ts';

/** Amazon CloudWatch: metrics, alarms and dashboards. Every other service records its metrics here. */
export class CloudWatchService implements Service, MetricSink {
  readonly id = 'cloudwatch';
  readonly operations: OperationTable;
  readonly #metrics: MetricStore;

  constructor(environment: ServiceEnvironment) {
    const metrics = new MetricStore(environment.store, environment.clock, environment.timers);
    this.#metrics = metrics;
    this.operations = {
      PutMetricData: operation<PutMetricDataCommandInput, PutMetricDataCommandOutput>(
        ['Namespace', 'MetricData'],
        (input, context) => {
          putMetricData(metrics, input, context);
          return {};
        },
      ),
      GetMetricStatistics: operation<GetMetricStatisticsCommandInput, GetMetricStatisticsCommandOutput>(
        [
          'Namespace',
          'MetricName',
          'Dimensions',
          'StartTime',
          'EndTime',
          'Period',
          'Statistics',
          'ExtendedStatistics',
          'Unit',
        ],
        (input, context) => getMetricStatistics(metrics, input, context),
      ),
    };
  }

  record(point: MetricPoint): void {
    this.#metrics.record(point);
  }
}
