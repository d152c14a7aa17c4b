import {
  type PipelineFunction,
  ReliabilityAlarms,
  ReliabilityDashboard,
  type WatchOptions,
  watch,
} from '@holdfast/constructs';
import { Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { IngestionSettings } from './ingestion-settings.ts';

export interface IngestionMonitoringProps {
  readonly settings: IngestionSettings;
  readonly queue: sqs.IQueue;
  readonly deadLetters: sqs.IQueue;
  readonly stuckRedrives: sqs.IQueue;
  readonly worker: PipelineFunction;
  readonly ingest: PipelineFunction;
  readonly api: apigateway.HttpApi;
  readonly alerts: sns.Topic;
}

const PERIOD = Duration.minutes(1);
const NAMESPACE = 'Holdfast/Ingestion';

/** Questions that an incident begins with, as CloudWatch keeps them; the worker's lines are JSON. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  'errors-by-category': ['fields @timestamp, category', 'filter level = "ERROR"', 'stats count(*) by category'],
  'latest-failures': [
    'fields @timestamp, eventId, correlationId, category, error',
    'filter level = "ERROR"',
    'sort @timestamp desc',
    'limit 50',
  ],
  'put-aside': [
    'fields @timestamp, eventId, category, error',
    'filter putAside = 1',
    'sort @timestamp desc',
    'limit 50',
  ],
  'done-before': ['fields @timestamp, eventId', 'filter message = "was processed before"', 'stats count(*) by eventId'],
  'slow-invocations': ['fields @timestamp, @duration', 'filter @type = "REPORT"', 'sort @duration desc', 'limit 20'],
};

/** Alarms that wake somebody and alarms that do not, one composite of each, the dashboard, and saved queries. */
export class IngestionMonitoring extends Construct {
  constructor(scope: Construct, id: string, props: IngestionMonitoringProps) {
    super(scope, id);
    const { settings, queue, deadLetters, stuckRedrives, worker, ingest, api, alerts } = props;
    const each = { period: PERIOD } as const;
    const serverErrors = api.metricServerError(each);
    const latency = api.metricLatency({ ...each, statistic: 'p99' });
    const own = (metricName: string): cloudwatch.Metric =>
      new cloudwatch.Metric({
        namespace: NAMESPACE,
        metricName,
        dimensionsMap: { service: `ingestion-${settings.envName}` },
        ...each,
        statistic: 'Sum',
      });
    const arrivals = own('EventsPutAside');
    const named = (name: string, options: WatchOptions = {}): WatchOptions => ({
      alarmName: `ingestion-${name}-${settings.envName}`,
      ...options,
    });
    const slowly = { periods: 3, level: 'warning' } as const;
    const watched = {
      'dlq-depth': watch.deadLetters(deadLetters, named('dlq-depth')),
      'dlq-arrivals': watch.metric(arrivals, 'Messages were put into the dead-letter queue', named('dlq-arrivals')),
      'worker-errors': watch.errors(
        worker.function,
        named('worker-errors', { description: 'The worker failed as a whole' }),
      ),
      'redrive-stuck': watch.deadLetters(
        stuckRedrives,
        named('redrive-stuck', {
          description: 'A redrive was taken up again and again, and each time in vain',
        }),
      ),
      'api-5xx': watch.metric(serverErrors, 'The API answered with 5XX', named('api-5xx')),
      backlog: watch.backlog(queue, named('backlog')),
      'oldest-age': watch.oldestMessage(queue, named('oldest-age')),
      'api-latency': watch.metric(
        latency,
        'One of a hundred posts takes more than two seconds',
        named('api-latency', { ...slowly, threshold: 2_000 }),
      ),
      'worker-throttles': watch.throttles(worker.function, named('worker-throttles')),
    };
    const alarms = new ReliabilityAlarms(this, 'Alarms', {
      alerts,
      watched,
      anyOf: {
        critical: `ingestion-critical-${settings.envName}`,
        warning: `ingestion-warning-${settings.envName}`,
      },
    });

    const logged = new logs.MetricFilter(this, 'LoggedErrors', {
      logGroup: worker.logGroup,
      filterPattern: logs.FilterPattern.stringValue('$.level', '=', 'ERROR'),
      metricNamespace: NAMESPACE,
      metricName: `LoggedErrors-${settings.envName}`,
      metricValue: '1',
    }).metric({ ...each, statistic: 'Sum' });
    for (const [name, [fields = '', ...statements]] of Object.entries(QUERIES)) {
      new logs.CfnQueryDefinition(this, `Query-${name}`, {
        name: `ingestion-${settings.envName}/${name}`,
        logGroupNames: [worker.logGroup.logGroupName],
        queryString: [fields, ...statements].join('\n| '),
      });
    }

    const requests = [api.metricCount(each), api.metricClientError(each), serverErrors];
    new ReliabilityDashboard(this, 'Dashboard', {
      dashboardName: `IngestionLab-${settings.envName}`,
      rows: [
        [
          { title: 'API requests', left: requests, right: [latency] },
          {
            title: 'Queue',
            left: [watched.backlog.metric, watched['dlq-depth'].metric],
            right: [watched['oldest-age'].metric],
          },
        ],
        [
          {
            title: 'Worker',
            left: [
              worker.function.metricInvocations(each),
              watched['worker-errors'].metric,
              watched['worker-throttles'].metric,
            ],
            right: [worker.function.metricDuration(each)],
          },
          { title: 'Ingest', left: [ingest.function.metricInvocations(each), ingest.function.metricErrors(each)] },
        ],
        [
          {
            title: 'Events',
            left: ['EventsProcessed', 'IdempotencyHits', 'EffectsFoundDone'].map(own),
          },
          { title: 'Failures', left: [arrivals, logged] },
        ],
      ],
      alarms,
    });
  }
}
