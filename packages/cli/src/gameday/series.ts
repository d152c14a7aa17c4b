import { CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { Lab } from './lab.ts';

interface SeriesSource {
  readonly panel: string;
  readonly namespace: string;
  readonly metric: string;
  readonly stat: 'Sum' | 'Maximum';
  /** Name and value of the only dimension. */
  readonly of: (lab: Lab) => readonly [dimension: string, value: string];
}

const api = (metric: string): SeriesSource => ({
  panel: 'Requests a minute',
  namespace: 'AWS/ApiGateway',
  metric,
  stat: 'Sum',
  of: ({ apiId }) => ['ApiId', apiId],
});
const queue = (panel: string, metric: string, named: string): SeriesSource => ({
  panel,
  namespace: 'AWS/SQS',
  metric,
  stat: 'Maximum',
  of: (lab) => ['QueueName', lab.named(named)],
});
const worker = (panel: string, metric: string, stat: SeriesSource['stat'] = 'Sum'): SeriesSource => ({
  panel,
  namespace: 'AWS/Lambda',
  metric,
  stat,
  of: (lab) => ['FunctionName', lab.named('worker')],
});
const own = (panel: string, metric: string): SeriesSource => ({
  panel,
  namespace: 'Holdfast/Ingestion',
  metric,
  stat: 'Sum',
  of: ({ envName }) => ['service', `ingestion-${envName}`],
});

/** What a report draws, a point a minute. */
const SERIES = {
  requests: api('Count'),
  '4xx': api('4xx'),
  '5xx': api('5xx'),
  waiting: queue('Messages', 'ApproximateNumberOfMessagesVisible', 'events'),
  'in flight': queue('Messages', 'ApproximateNumberOfMessagesNotVisible', 'events'),
  'dead letters': queue('Messages', 'ApproximateNumberOfMessagesVisible', 'events-dlq'),
  'oldest message': queue('Age of the oldest message, seconds', 'ApproximateAgeOfOldestMessage', 'events'),
  invocations: worker('Worker', 'Invocations'),
  throttles: worker('Worker', 'Throttles'),
  'at once': worker('Worker', 'ConcurrentExecutions', 'Maximum'),
  processed: own('Events', 'EventsProcessed'),
  'done before': own('Events', 'IdempotencyHits'),
  'put aside': own('Events', 'EventsPutAside'),
  VALIDATION: own('Failed tries by category', 'FailedVALIDATION'),
  TIMEOUT: own('Failed tries by category', 'FailedTIMEOUT'),
  TRANSIENT: own('Failed tries by category', 'FailedTRANSIENT'),
  'breaker opens': own('Circuit breaker', 'Breaker-open'),
  'breaker probes': own('Circuit breaker', 'Breaker-half-open'),
  'breaker closes': own('Circuit breaker', 'Breaker-closed'),
} as const satisfies Record<string, SeriesSource>;

export type SeriesName = keyof typeof SERIES;

export interface Series {
  readonly name: SeriesName;
  readonly panel: string;
  /** Epoch milliseconds and value. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

const PERIOD_SECONDS = 60;
const PERIOD_MS = PERIOD_SECONDS * 1_000;

/** What CloudWatch has of all of them. */
export const readSeries = async (lab: Lab, from: number, to: number): Promise<readonly Series[]> => {
  const names = Object.keys(SERIES) as SeriesName[];
  const MetricDataQueries = names.map((name, index): MetricDataQuery => {
    const { namespace, metric, stat, of }: SeriesSource = SERIES[name];
    const [Name, Value] = of(lab);
    return {
      Id: `s${index}`,
      MetricStat: {
        Metric: { Namespace: namespace, MetricName: metric, Dimensions: [{ Name, Value }] },
        Period: PERIOD_SECONDS,
        Stat: stat,
      },
    };
  });
  const points = names.map((): [number, number][] => []);
  const pages = paginateGetMetricData(
    { client: new CloudWatchClient(lab.target) },
    {
      MetricDataQueries,
      StartTime: new Date(Math.floor(from / PERIOD_MS) * PERIOD_MS),
      EndTime: new Date(Math.ceil(to / PERIOD_MS) * PERIOD_MS),
      ScanBy: 'TimestampAscending',
    },
  );
  for await (const { MetricDataResults = [] } of pages) {
    for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
      const of = points[Number(Id.slice(1))];
      for (const [index, at] of Timestamps.entries()) of?.push([at.getTime(), Values[index] ?? 0]);
    }
  }
  return names.map((name, index) => ({ name, panel: SERIES[name].panel, points: points[index] ?? [] }));
};
