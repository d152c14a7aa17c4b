import { parseArn } from '@holdfast/aws-model';
import { base64OfBytes, type EpochMs } from '@holdfast/kernel';
import { gzipSync, strToU8 } from 'fflate';
import { type DeliveryResult, type Sender, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { compileFilterPattern, type FilterPattern } from './filter-pattern.ts';
import type { LogGroup } from './log-groups.ts';
import { type LogEvent, messageBytes } from './log-stream.ts';
import { eventIdOf } from './read-events.ts';

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

  forward(group: LogGroup, logStream: string, events: readonly LogEvent[], environment: ServiceEnvironment): void {
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
      );
    }
  }

  /** What AWS sends a stream to see whether it can. */
  check(group: LogGroup, environment: ServiceEnvironment): DeliveryResult {
    const message = 'CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.';
    const now = environment.clock.now();
    return this.#send(
      {
        messageType: 'CONTROL_MESSAGE',
        owner: 'CloudwatchLogs',
        logGroup: '',
        logStream: '',
        subscriptionFilters: [],
        logEvents: [{ id: '', timestamp: now, message }],
      },
      group,
      environment,
    );
  }

  #send(
    content: { readonly logStream: string; readonly [member: string]: unknown },
    group: LogGroup,
    environment: ServiceEnvironment,
  ): DeliveryResult {
    const { destinationArn, distribution } = this.stored;
    // Without a time of its own, the same events always make the same bytes.
    const data = gzipSync(strToU8(JSON.stringify(content)), { mtime: new Date(0) });
    if (parseArn(destinationArn)?.service === 'kinesis') {
      const partitionKey =
        distribution === 'Random' ? environment.ids.uuid() : environment.digest.md5Hex(content.logStream);
      return putRecord(group, destinationArn, partitionKey, data, environment);
    }
    const payload = JSON.stringify({ awslogs: { data: base64OfBytes(data) } });
    return environment.deliver.to(
      'function',
      destinationArn,
      payload,
      functionSender(group, destinationArn, environment),
    );
  }
}

/** The role may do what a caller may: roles are kept and not judged. */
const putRecord = (
  { settings: { account, region } }: LogGroup,
  StreamARN: string,
  PartitionKey: string,
  Data: Uint8Array,
  { call, clock, ids }: ServiceEnvironment,
): DeliveryResult => {
  const context = { account, region, requestId: ids.uuid(), now: clock.now() };
  try {
    call('kinesis', 'PutRecord', { StreamARN, PartitionKey, Data }, context);
    return { ok: true };
  } catch (error) {
    if (error instanceof ServiceError) return { ok: false, error };
    throw error;
  }
};

/** Permissions name the service with or without its region. */
export const functionSender = (group: LogGroup, functionArn: string, { deliver }: ServiceEnvironment): Sender => {
  const { account, region } = group.settings;
  const source = { sourceArn: `${group.arn}:*`, sourceAccount: account };
  const plain: Sender = { principal: 'logs.amazonaws.com', ...source };
  return deliver.accepts(functionArn, plain) ? plain : { principal: `logs.${region}.amazonaws.com`, ...source };
};
