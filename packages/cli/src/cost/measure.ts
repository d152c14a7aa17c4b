import {
  CloudWatchClient,
  type Dimension,
  type Metric,
  type MetricDataQuery,
  paginateDescribeAlarms,
  paginateGetMetricData,
  paginateListDashboards,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { Target } from '../target.ts';
import type { Usage } from './bill.ts';
import type { PriceName } from './price-table.ts';

/** From when to when, in epoch milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Sums of a metric, one for each resource. */
type Sums = ReadonlyMap<string, number>;

/** A metric with the only dimension under which it is read; without one it is the account's. */
interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimension?: string;
}

const SQS_REQUESTS = [
  'NumberOfMessagesSent',
  'NumberOfMessagesReceived',
  'NumberOfMessagesDeleted',
  'NumberOfEmptyReceives',
];

/** GetMetricData takes no more at once. */
const QUERIES_MAX = 500;
const DAY_MS = 86_400_000;
const BYTES_PER_GB = 1024 ** 3;

const isOf = (dimensions: readonly Dimension[], dimension: string | undefined): boolean =>
  dimension === undefined ? dimensions.length === 0 : dimensions.length === 1 && dimensions[0]?.Name === dimension;

const add = (sums: Sums): number => [...sums.values()].reduce((sum, value) => sum + value, 0);

/** Reads what CloudWatch counted. */
class Meter {
  readonly #client: CloudWatchClient;
  readonly #window: Window;

  constructor(client: CloudWatchClient, window: Window) {
    this.#client = client;
    this.#window = window;
  }

  /** `undefined` when CloudWatch has no such metric. */
  async sums({ namespace, name, dimension }: Series): Promise<Sums | undefined> {
    const metrics: Metric[] = [];
    for await (const { Metrics = [] } of paginateListMetrics(
      { client: this.#client },
      { Namespace: namespace, MetricName: name },
    )) {
      metrics.push(...Metrics.filter(({ Dimensions = [] }) => isOf(Dimensions, dimension)));
    }
    if (metrics.length === 0) return undefined;
    const sums = new Map<string, number>();
    for (let first = 0; first < metrics.length; first += QUERIES_MAX) {
      await this.#addSums(metrics.slice(first, first + QUERIES_MAX), sums);
    }
    return sums;
  }

  async #addSums(metrics: readonly Metric[], sums: Map<string, number>): Promise<void> {
    const { from, to } = this.#window;
    // The window begins with a whole period: minutes are near enough for a day, and few enough.
    const Period = to - from > DAY_MS ? 300 : 60;
    const MetricDataQueries: MetricDataQuery[] = metrics.map((metric, index) => ({
      Id: `m${index}`,
      MetricStat: { Metric: metric, Period, Stat: 'Sum' },
    }));
    const input = { MetricDataQueries, StartTime: new Date(from), EndTime: new Date(to) };
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client: this.#client }, input)) {
      for (const { Id = '', Values = [] } of MetricDataResults) {
        const resource = metrics[Number(Id.slice(1))]?.Dimensions?.[0]?.Value ?? '';
        sums.set(resource, (sums.get(resource) ?? 0) + Values.reduce((sum, value) => sum + value, 0));
      }
    }
  }
}

/** Durations times memory, apart for each kind of processor. A function that is gone counts with the smallest memory. */
const gbSeconds = async (meter: Meter, lambda: LambdaClient): Promise<Usage> => {
  const durations = await meter.sums({ namespace: 'AWS/Lambda', name: 'Duration', dimension: 'FunctionName' });
  if (durations === undefined) return {};
  const functions = new Map<string, { readonly memoryMb: number; readonly isArm: boolean }>();
  for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) {
    for (const { FunctionName = '', MemorySize = 128, Architectures = [] } of Functions) {
      functions.set(FunctionName, { memoryMb: MemorySize, isArm: Architectures[0] === 'arm64' });
    }
  }
  const used = { lambdaGbSecond: 0, lambdaGbSecondArm: 0 };
  for (const [name, durationMs] of durations) {
    const { memoryMb, isArm } = functions.get(name) ?? { memoryMb: 128, isArm: false };
    used[isArm ? 'lambdaGbSecondArm' : 'lambdaGbSecond'] += (durationMs / 1_000) * (memoryMb / 1_024);
  }
  return used;
};

/**
 * Requests at most: CloudWatch counts messages, and a batch of ten is one request. The delivery of a message to its dead-letter
 * queue is a message sent that nobody pays for.
 */
const sqsRequests = async (meter: Meter): Promise<Usage> => {
  const used: { sqsStandard?: number; sqsFifo?: number } = {};
  for (const name of SQS_REQUESTS) {
    const sums = await meter.sums({ namespace: 'AWS/SQS', name, dimension: 'QueueName' });
    for (const [queue, count] of sums ?? []) {
      const kind = queue.endsWith('.fifo') ? 'sqsFifo' : 'sqsStandard';
      used[kind] = (used[kind] ?? 0) + count;
    }
  }
  return used;
};

const standing = async (client: CloudWatchClient): Promise<Usage> => {
  let alarmMetric = 0;
  let alarmMetricFast = 0;
  let compositeAlarm = 0;
  const input = { AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] };
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, input)) {
    for (const { Metrics = [], Period = 60 } of MetricAlarms) {
      const periods = Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Period ?? 60]));
      if (Math.min(Period, ...periods) < 60) alarmMetricFast += Math.max(1, periods.length);
      else alarmMetric += Math.max(1, periods.length);
    }
    compositeAlarm += CompositeAlarms.length;
  }
  let dashboard = 0;
  for await (const { DashboardEntries = [] } of paginateListDashboards({ client }, {}))
    dashboard += DashboardEntries.length;
  let customMetric = 0;
  for await (const { Metrics = [] } of paginateListMetrics({ client }, {})) {
    customMetric += Metrics.filter(({ Namespace = '' }) => !Namespace.startsWith('AWS/')).length;
  }
  return { alarmMetric, alarmMetricFast, compositeAlarm, dashboard, customMetric };
};

const COUNTED: readonly (readonly [PriceName, Series])[] = [
  ['lambdaRequest', { namespace: 'AWS/Lambda', name: 'Invocations', dimension: 'FunctionName' }],
  ['httpApi', { namespace: 'AWS/ApiGateway', name: 'Count', dimension: 'ApiId' }],
  ['dynamodbWrite', { namespace: 'AWS/DynamoDB', name: 'ConsumedWriteCapacityUnits', dimension: 'TableName' }],
  ['dynamodbRead', { namespace: 'AWS/DynamoDB', name: 'ConsumedReadCapacityUnits', dimension: 'TableName' }],
  ['snsPublish', { namespace: 'AWS/SNS', name: 'NumberOfMessagesPublished', dimension: 'TopicName' }],
  ['busEvent', { namespace: 'AWS/Events', name: 'PutEventsEntriesCount' }],
];

/** What everything in the account and region used within a window, as far as CloudWatch counted it. */
export const measureUsage = async (target: Target, window: Window): Promise<Usage> => {
  const client = new CloudWatchClient(target);
  const meter = new Meter(client, window);
  const counted: Partial<Record<PriceName, number>> = {};
  for (const [price, series] of COUNTED) {
    const sums = await meter.sums(series);
    if (sums !== undefined) counted[price] = add(sums);
  }
  const logBytes = await meter.sums({ namespace: 'AWS/Logs', name: 'IncomingBytes', dimension: 'LogGroupName' });
  if (logBytes !== undefined) counted.logBytes = add(logBytes) / BYTES_PER_GB;
  return {
    ...counted,
    ...(await gbSeconds(meter, new LambdaClient(target))),
    ...(await sqsRequests(meter)),
    ...(await standing(client)),
  };
};
