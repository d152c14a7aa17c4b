import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  paginateListQueues,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { lastNameIn } from '@holdfast/aws-model';
import { findFillers } from '@holdfast/ledger';
import { engineClock } from '../engine-clock.ts';
import type { Target } from '../target.ts';
import { type InFlight, whoHolds } from './in-flight.ts';
import { meantName } from './similar-names.ts';

/** A queue that failures end in. */
export interface FailureQueue {
  readonly name: string;
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly visibilityTimeoutSeconds: number;
  /** Of the messages in flight, where there are some. */
  readonly held?: InFlight;
  readonly retentionDays: number;
  /** Of the oldest message that waits, as CloudWatch last said; `undefined` when it has not said. */
  readonly oldestSeconds: number | undefined;
  /** What puts failures here, e.g. `function csv-parser (on failure)`. */
  readonly sources: readonly string[];
}

/** Everything that was found, and what could not be: which service was not asked, and what that leaves out. */
export interface FailureQueues {
  readonly queues: readonly FailureQueue[];
  readonly unasked: readonly string[];
  /** ISO 8601, of whom was asked. */
  readonly now: string;
}

/** SQS publishes its metrics every minute; a quarter of an hour finds the last word of a queue that went quiet. */
const METRIC_WINDOW_MS = 15 * 60_000;

/** By either of its names. */
export const queueNameOf = lastNameIn;

const queueUrls = async (client: SQSClient): Promise<string[]> => {
  const urls: string[] = [];
  for await (const page of paginateListQueues({ client }, { MaxResults: 1_000 })) urls.push(...(page.QueueUrls ?? []));
  return urls;
};

const oldestSeconds = async (client: CloudWatchClient, queue: string, now: number): Promise<number | undefined> => {
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: queue }],
      StartTime: new Date(now - METRIC_WINDOW_MS),
      EndTime: new Date(now + 60_000),
      Period: 60,
      Statistics: ['Maximum'],
    }),
  );
  const last = Datapoints.reduce<(typeof Datapoints)[number] | undefined>(
    (latest, point) => ((point.Timestamp ?? 0) > (latest?.Timestamp ?? 0) ? point : latest),
    undefined,
  );
  return last?.Maximum;
};

/**
 * Finds every queue that a failure can end in: redrive policies of queues, dead-letter configs and failure destinations
 * of functions and of their mappings, redrive policies of subscriptions, dead-letter queues of rules and schedules.
 */
export const findFailureQueues = async (target: Target): Promise<FailureQueues> => {
  const fillers = new Map<string, string[]>();
  const { fillers: found, unasked } = await findFillers(target);
  for (const { queueArn, description } of found) {
    fillers.set(queueArn, [...(fillers.get(queueArn) ?? []), description]);
  }
  const sqs = new SQSClient(target);
  const cloudwatch = new CloudWatchClient(target);
  const clock = target.endpoint === undefined ? undefined : await engineClock(target.endpoint);
  const now = clock === undefined ? Date.now() : Date.parse(clock.now);
  const queues: FailureQueue[] = [];
  const missing = unasked.map((service) => `${service}; what it fills is missing`);
  for (const url of await queueUrls(sqs)) {
    const [{ Attributes = {} }, { queueUrls: redriven = [] }] = await Promise.all([
      sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] })),
      sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url })),
    ]);
    const sources = [
      ...redriven.map((source) => `queue ${queueNameOf(source)} (redrive)`),
      ...(fillers.get(Attributes['QueueArn'] ?? '') ?? []),
    ];
    if (sources.length === 0) continue;
    const name = queueNameOf(url);
    const visible = Number(Attributes['ApproximateNumberOfMessages'] ?? 0);
    const inFlight = Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0);
    const holding = inFlight === 0 ? undefined : await whoHolds(target, url, clock !== undefined);
    for (const service of holding?.unasked ?? []) missing.push(`${service}; whether it reads ${name} is not known`);
    queues.push({
      name,
      url,
      visible,
      inFlight,
      visibilityTimeoutSeconds: Number(Attributes['VisibilityTimeout'] ?? 0),
      ...(holding === undefined ? {} : { held: holding.held }),
      retentionDays: Number(Attributes['MessageRetentionPeriod'] ?? 0) / 86_400,
      oldestSeconds: visible === 0 ? undefined : await oldestSeconds(cloudwatch, name, now).catch(() => undefined),
      sources,
    });
  }
  return { queues, unasked: missing, now: new Date(now).toISOString() };
};

/**
 * The URL of a queue by its URL, its ARN, its name, or an ending or part of the name.
 *
 * @throws CommandError when it could be several, or none
 */
export const queueUrlOf = async (client: SQSClient, queue: string): Promise<string> => {
  if (/^https?:/.test(queue)) return queue;
  const name = queueNameOf(queue);
  try {
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl;
  } catch (error) {
    if (!/NonExistent|DoesNotExist|InvalidParameter|InvalidAddress/.test((error as Error).name)) throw error;
  }
  const urls = await queueUrls(client);
  const meant = meantName('queue', name, urls.map(queueNameOf));
  return urls.find((url) => queueNameOf(url) === meant) as string;
};
