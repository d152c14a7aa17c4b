import type * as Sdk from '@aws-sdk/client-cloudwatch';
import { onDemand } from '@holdfast/kernel';
import {
  type HttpRoute,
  type MetricPoint,
  type MetricSink,
  type Operations,
  operation,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { AlarmEvaluator } from './alarm-evaluator.ts';
import { alarmOperations } from './alarm-operations.ts';
import { AlarmRegistry } from './alarm-registry.ts';
import { AlarmTransitions } from './alarm-transitions.ts';
import { compositeOperations } from './composite-operations.ts';
import { DashboardRegistry, dashboardOperations } from './dashboard-operations.ts';
import { dashboardRoutes } from './dashboard-page.ts';
import { getMetricData } from './get-metric-data.ts';
import { getMetricStatistics } from './get-metric-statistics.ts';
import { listMetrics } from './list-metrics.ts';
import { MetricStore } from './metric-store.ts';
import { putMetricData } from './put-metric-data.ts';
import { tagOperations } from './tag-operations.ts';
import { getMetricWidgetImage } from './widget-image.ts';
import type { WidgetSources } from './widget-view.ts';

/** Amazon CloudWatch: metrics, alarms and dashboards. Every other service records its metrics here. */
export class CloudWatchService implements Service, MetricSink {
  readonly #operations: () => Operations<typeof Sdk>;
  readonly lends = { metrics: this };
  readonly routes: readonly HttpRoute[];
  readonly #metrics: MetricStore;
  readonly #evaluator: AlarmEvaluator;
  readonly #transitions: AlarmTransitions;

  constructor(environment: ServiceEnvironment) {
    const metrics = new MetricStore(environment.store, environment.clock, environment.timers);
    this.#metrics = metrics;
    const alarms = new AlarmRegistry(environment.store);
    const dashboards = new DashboardRegistry(environment.store);
    this.#transitions = new AlarmTransitions(environment, alarms);
    const now = () => environment.clock.now();
    this.#evaluator = new AlarmEvaluator(metrics, alarms, this.#transitions, environment.timers, now);
    const sources: WidgetSources = {
      store: metrics,
      alarms,
      logs: (action, input, context) => environment.call('logs', action, input, context),
    };
    this.routes = dashboardRoutes(dashboards, sources, environment);
    const wiring = { registry: alarms, evaluator: this.#evaluator, transitions: this.#transitions };
    this.#operations = onDemand(() => ({
      ...alarmOperations(wiring),
      ...compositeOperations(wiring),
      ...dashboardOperations(dashboards),
      ...tagOperations(alarms, dashboards),
      GetMetricData: operation(
        ['MetricDataQueries', 'StartTime', 'EndTime', 'NextToken', 'ScanBy', 'MaxDatapoints'],
        (input, context) => getMetricData(metrics, input, context),
      ),
      ListMetrics: operation(
        ['Namespace', 'MetricName', 'Dimensions', 'NextToken', 'RecentlyActive', 'IncludeLinkedAccounts'],
        (input, context) => listMetrics(metrics, input, context),
      ),
      PutMetricData: operation(['Namespace', 'MetricData'], (input, context) => {
        putMetricData(metrics, input, context);
        return {};
      }),
      GetMetricWidgetImage: operation(['MetricWidget', 'OutputFormat'], (input, context) =>
        getMetricWidgetImage(environment, sources, input, context),
      ),
      GetMetricStatistics: operation(
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
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }

  start(): void {
    this.#transitions.start();
    this.#evaluator.start();
  }

  record(point: MetricPoint): void {
    this.#metrics.record(point);
  }
}
