import { parseArn } from '@holdfast/aws-model';
import { base64OfBytes, type EpochMs } from '@holdfast/kernel';
import type { Sender, ServiceEnvironment } from '../../core/index.ts';
import type { Destinations } from './destinations.ts';
import { compileFilterPattern, type FilterPattern } from './filter-pattern.ts';
import { eventIdOf, type LogEvent, messageBytes } from './log-stream.ts';
import { compressed, putIntoStream, type StreamOfLogs } from './stream-delivery.ts';

/** Events of one delivery, before they are compressed: a function's event holds 256 KiB. */
const BATCH_BYTES_MAX = 512 * 1_024;

export interface StoredSubscriptionFilter {
  readonly groupId: string;
  readonly name: string;
  readonly pattern: string;
  readonly destinationArn: string;
  readonly roleArn?: string | undefined;
  readonly distribution: 'ByLogStream' | 'Random';
  readonly createdAt: EpochMs;
}

/** What a filter has to know of the group that its events come from. */
interface ForwardingGroup {
  readonly arn: string;
  readonly name: string;
  readonly settings: { readonly account: string; readonly region: string };
}

const batchesOf = (events: readonly LogEvent[]): LogEvent[][] => {
  const batches: LogEvent[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const event of events) {
    bytes += messageBytes(event[3]);
    if (bytes > BATCH_BYTES_MAX) {
      batches.push([]);
      bytes = messageBytes(event[3]);
    }
    batches.at(-1)?.push(event);
  }
  return batches;
};

/**
 * Hands matching log events to a function or a stream as soon as they arrive, compressed as on AWS.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export class SubscriptionFilter {
  readonly stored: StoredSubscriptionFilter;
  readonly #pattern: FilterPattern;

  constructor(stored: StoredSubscriptionFilter) {
    this.stored = stored;
    this.#pattern = compileFilterPattern(stored.pattern);
  }

  forward(
    group: ForwardingGroup,
    logStream: string,
    events: readonly LogEvent[],
    environment: ServiceEnvironment,
    destinations: Destinations,
  ): void {
    const matching = events.filter(([, , , message]) => this.#pattern.matches(message));
    for (const batch of batchesOf(matching)) {
      this.#send(
        {
          messageType: 'DATA_MESSAGE',
          owner: group.settings.account,
          logGroup: group.name,
          logStream,
          subscriptionFilters: [this.stored.name],
          logEvents: batch.map(([at, , sequence, message]) => ({
            id: eventIdOf({ at, sequence }),
            timestamp: at,
            message,
          })),
        },
        group,
        environment,
        destinations,
      );
    }
  }

  #send(
    content: { readonly logStream: string; readonly [member: string]: unknown },
    group: ForwardingGroup,
    environment: ServiceEnvironment,
    destinations: Destinations,
  ): void {
    const { destinationArn, distribution } = this.stored;
    const data = compressed(content);
    const stream = streamOf(destinationArn, group, destinations);
    if (stream !== undefined) {
      const partitionKey =
        distribution === 'Random' ? environment.ids.uuid() : environment.digest.md5Hex(content.logStream);
      putIntoStream(stream, partitionKey, data, environment);
      return;
    }
    if (isDestination(destinationArn)) return;
    const payload = JSON.stringify({ awslogs: { data: base64OfBytes(data) } });
    environment.deliver.to('function', destinationArn, payload, functionSender(group, destinationArn, environment));
  }
}

/** Names of streams that another account may own: `arn:aws:logs:<region>:<account>:destination:<name>`. */
export const isDestination = (arn: string): boolean => {
  const { service, resource } = parseArn(arn) ?? {};
  return service === 'logs' && resource?.startsWith('destination:') === true;
};

/** The stream that an ARN leads to, its own or a destination's. */
export const streamOf = (
  destinationArn: string,
  { settings: { account, region } }: ForwardingGroup,
  destinations: Destinations,
): StreamOfLogs | undefined =>
  parseArn(destinationArn)?.service === 'kinesis'
    ? { account, region, streamArn: destinationArn }
    : destinations.find(destinationArn);

/** Permissions name the service with or without its region. */
export const functionSender = (
  group: ForwardingGroup,
  functionArn: string,
  { deliver }: ServiceEnvironment,
): Sender => {
  const { account, region } = group.settings;
  const source = { sourceArn: `${group.arn}:*`, sourceAccount: account };
  const plain: Sender = { principal: 'logs.amazonaws.com', ...source };
  return deliver.accepts(functionArn, plain) ? plain : { principal: `logs.${region}.amazonaws.com`, ...source };
};
