import type { PipelineFunction } from '@holdfast/constructs';
import { Duration } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { IngestionSettings } from './ingestion-settings.ts';

export interface IngestionMonitoringProps {
  readonly settings: IngestionSettings;
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;
  readonly stuckRedrives: sqs.Queue;
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
  readonly #settings: IngestionSettings;

  constructor(scope: Construct, id: string, props: IngestionMonitoringProps) {
    super(scope, id);
    const { settings, queue, deadLetters, stuckRedrives, worker, ingest, api, alerts } = props;
    this.#settings = settings;
    const each = { period: PERIOD } as const;
    const errors = worker.function.metricErrors(each);
    const serverErrors = api.metricServerError(each);
    const depth = deadLetters.metricApproximateNumberOfMessagesVisible({ ...each, statistic: 'Maximum' });
    const arrivals = this.#own('EventsPutAside');
    const stuck = stuckRedrives.metricApproximateNumberOfMessagesVisible({ ...each, statistic: 'Maximum' });
    const backlog = queue.metricApproximateNumberOfMessagesVisible({ ...each, statistic: 'Maximum' });
    const age = queue.metricApproximateAgeOfOldestMessage({ ...each, statistic: 'Maximum' });
    const latency = api.metricLatency({ ...each, statistic: 'p99' });
    const throttles = worker.function.metricThrottles(each);

    const critical = [
      this.#alarm('dlq-depth', 'Messages lie in the dead-letter queue', depth, 1),
      this.#alarm('dlq-arrivals', 'Messages were put into the dead-letter queue', arrivals, 1),
      this.#alarm('worker-errors', 'The worker failed as a whole', errors, 1),
      this.#alarm('redrive-stuck', 'A redrive was taken up again and again, and each time in vain', stuck, 1),
      this.#alarm('api-5xx', 'The API answered with 5XX', serverErrors, 1),
    ];
    const warning = [
      this.#alarm('backlog', 'Events come faster than they are processed', backlog, 1_000, 3),
      this.#alarm('oldest-age', 'An event waits for more than five minutes', age, 300, 3),
      this.#alarm('api-latency', 'One of a hundred posts takes more than two seconds', latency, 2_000, 3),
      this.#alarm('worker-throttles', 'Lambda refuses the worker', throttles, 1, 3),
    ];
    for (const [level, alarms] of Object.entries({ critical, warning })) {
      new cloudwatch.CompositeAlarm(this, `Any-${level}`, {
        compositeAlarmName: `ingestion-${level}-${settings.envName}`,
        alarmDescription: `Some ${level} alarm of the ingestion lab`,
        alarmRule: cloudwatch.AlarmRule.anyOf(...alarms),
      }).addAlarmAction(new actions.SnsAction(alerts));
    }

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

    const graph = (title: string, left: cloudwatch.IMetric[], right: cloudwatch.IMetric[] = []) =>
      new cloudwatch.GraphWidget({ title, left, right, width: 12, period: PERIOD });
    const requests = [api.metricCount(each), api.metricClientError(each), serverErrors];
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: `IngestionLab-${settings.envName}`,
      widgets: [
        [graph('API requests', requests, [latency]), graph('Queue', [backlog, depth], [age])],
        [
          graph(
            'Worker',
            [worker.function.metricInvocations(each), errors, throttles],
            [worker.function.metricDuration(each)],
          ),
          graph('Ingest', [ingest.function.metricInvocations(each), ingest.function.metricErrors(each)]),
        ],
        [
          graph(
            'Events',
            ['EventsProcessed', 'IdempotencyHits', 'EffectsFoundDone'].map((name) => this.#own(name)),
          ),
          graph('Failures', [arrivals, logged]),
        ],
        [new cloudwatch.AlarmStatusWidget({ title: 'Alarms', width: 24, alarms: [...critical, ...warning] })],
      ],
    });
  }

  #own(metricName: string): cloudwatch.Metric {
    return new cloudwatch.Metric({ namespace: NAMESPACE, metricName, period: PERIOD, statistic: 'Sum' });
  }

  #alarm(
    name: string,
    alarmDescription: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    evaluationPeriods = 1,
  ): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, name, {
      alarmName: `ingestion-${name}-${this.#settings.envName}`,
      alarmDescription,
      metric,
      threshold,
      evaluationPeriods,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }
}
