/** What one unit of something costs, and where AWS says so. */
export interface Price {
  readonly service: string;
  /** What is counted, in the words of AWS's price page. */
  readonly unit: string;
  readonly dollarsPerUnit: number;
  readonly page: string;
}

/** When the table was last compared with published figures (year and month). */
export const PRICES_AS_OF = '2026-02';

/** The region whose prices these are; others cost up to a quarter more. */
export const PRICES_REGION = 'us-east-1';

const MILLION = 1_000_000;
const page = (service: string): string => `https://aws.amazon.com/${service}/pricing/`;
const price = (service: string, unit: string, dollarsPerUnit: number, of: string): Price => ({
  service,
  unit,
  dollarsPerUnit,
  page: page(of),
});

/**
 * List prices of the first tier, in US dollars, without free tiers, savings plans and taxes: what the next million costs
 * somebody who already has traffic.
 */
export const PRICES = {
  lambdaRequest: price('Lambda', 'requests', 0.2 / MILLION, 'lambda'),
  lambdaGbSecond: price('Lambda', 'GB-seconds (x86)', 0.000_016_666_7, 'lambda'),
  lambdaGbSecondArm: price('Lambda', 'GB-seconds (Arm)', 0.000_013_333_4, 'lambda'),
  sqsStandard: price('SQS', 'requests, standard', 0.4 / MILLION, 'sqs'),
  sqsFifo: price('SQS', 'requests, FIFO', 0.5 / MILLION, 'sqs'),
  httpApi: price('API Gateway', 'requests, HTTP API', 1 / MILLION, 'api-gateway'),
  dynamodbWrite: price('DynamoDB', 'write request units, on demand', 0.625 / MILLION, 'dynamodb'),
  dynamodbRead: price('DynamoDB', 'read request units, on demand', 0.125 / MILLION, 'dynamodb'),
  snsPublish: price('SNS', 'requests, standard', 0.5 / MILLION, 'sns'),
  busEvent: price('EventBridge', 'custom events', 1 / MILLION, 'eventbridge'),
  logBytes: price('CloudWatch', 'GB of logs taken in', 0.5, 'cloudwatch'),
  customMetric: price('CloudWatch', 'custom metrics, a month', 0.3, 'cloudwatch'),
  alarmMetric: price('CloudWatch', 'metrics in alarms, a month', 0.1, 'cloudwatch'),
  alarmMetricFast: price('CloudWatch', 'metrics in alarms below a minute, a month', 0.3, 'cloudwatch'),
  compositeAlarm: price('CloudWatch', 'composite alarms, a month', 0.5, 'cloudwatch'),
  dashboard: price('CloudWatch', 'dashboards, a month', 3, 'cloudwatch'),
} as const satisfies Record<string, Price>;

/** One of {@link PRICES}. */
export type PriceName = keyof typeof PRICES;

/** Those that are paid for standing there, whatever the traffic. */
const STANDING: readonly PriceName[] = [
  'customMetric',
  'alarmMetric',
  'alarmMetricFast',
  'compositeAlarm',
  'dashboard',
];

/** Whether it is paid by the month and not by use. */
export const isStanding = (name: PriceName): boolean => STANDING.includes(name);
