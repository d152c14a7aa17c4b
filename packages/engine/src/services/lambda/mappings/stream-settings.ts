import type { CreateEventSourceMappingCommandInput } from '@aws-sdk/client-lambda';
import { parseArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import { Constraints, notSupported, refuseUnmodelled, type StreamKind, type StreamStart } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';

/** What mappings from streams have beyond those from queues. */
export interface StreamSettings {
  readonly startingPosition: StreamStart['at'];
  readonly startingTimestamp: EpochMs | undefined;
  /** Batches of one shard in work at once. */
  readonly parallelizationFactor: number;
  readonly bisects: boolean;
  /** -1: until the record leaves the stream. */
  readonly maximumRetryAttempts: number;
  /** -1: as long as the stream keeps it. */
  readonly maximumRecordAgeSeconds: number;
  readonly onFailureArn: string | undefined;
  /** 0 or absent: no tumbling windows. */
  readonly tumblingWindowSeconds?: number;
}

/** Members that only mappings from streams take, besides where to begin. */
export const STREAM_MEMBERS = [
  'ParallelizationFactor',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'TumblingWindowInSeconds',
] as const;

export const STREAM_START_MEMBERS = ['StartingPosition', 'StartingPositionTimestamp'] as const;

type StreamInput = Pick<
  CreateEventSourceMappingCommandInput,
  | (typeof STREAM_MEMBERS)[number]
  | (typeof STREAM_START_MEMBERS)[number]
  | 'DestinationConfig'
  | 'ScalingConfig'
  | 'ProvisionedPollerConfig'
>;

const RECORD_AGE_SECONDS_MIN = 60;

/** The kind of stream an ARN names; `undefined` for queues and everything else. */
export const streamKindOf = (eventSourceArn: string): StreamKind | undefined => {
  const arn = parseArn(eventSourceArn);
  if (arn?.service === 'dynamodb') return 'dynamodb';
  if (arn?.service !== 'kinesis') return undefined;
  if (arn.resource.includes('/consumer/')) throw notSupported('event source mappings from stream consumers');
  return 'kinesis';
};

const unsupportedMember = (member: string) =>
  invalidParameter(`Unsupported ${member} parameter for given event source mapping type.`);

/** Members that belong to streams are no use to a queue. */
export const refuseStreamMembers = (input: StreamInput): void => {
  for (const member of [...STREAM_MEMBERS, ...STREAM_START_MEMBERS]) {
    if (input[member] !== undefined) throw unsupportedMember(member);
  }
};

const destinationOf = (config: StreamInput['DestinationConfig']): string | undefined => {
  refuseUnmodelled(config ?? {}, ['OnFailure', 'OnSuccess'], 'DestinationConfig');
  if (config?.OnSuccess?.Destination) throw unsupportedMember('OnSuccess');
  const destination = config?.OnFailure?.Destination;
  if (destination === undefined || destination === '') return undefined;
  const service = parseArn(destination)?.service;
  if (service === 'sqs' || service === 'sns' || service === 's3') return destination;
  throw invalidParameter(
    `The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=${destination})) is invalid.`,
  );
};

const checkShape = (input: StreamInput): void => {
  const age = input.MaximumRecordAgeInSeconds;
  new Constraints()
    .range('parallelizationFactor', input.ParallelizationFactor, 1, 10)
    .range('maximumRetryAttempts', input.MaximumRetryAttempts, -1, 10_000)
    .range('maximumRecordAgeInSeconds', age, -1, 604_800)
    .range('tumblingWindowInSeconds', input.TumblingWindowInSeconds, 0, 900)
    .check();
  if (age !== undefined && age >= 0 && age < RECORD_AGE_SECONDS_MIN) {
    throw invalidParameter(
      `MaximumRecordAgeInSeconds must be -1 or between ${RECORD_AGE_SECONDS_MIN} and 604800 seconds.`,
    );
  }
  if (input.ScalingConfig?.MaximumConcurrency !== undefined) throw unsupportedMember('ScalingConfig');
  if (input.ProvisionedPollerConfig !== undefined) throw unsupportedMember('ProvisionedPollerConfig');
};

/** Lays the given members over `base`. Where to begin cannot be changed any more. */
export const changeStreamSettings = (base: StreamSettings, input: StreamInput): StreamSettings => {
  checkShape(input);
  const parallelizationFactor = input.ParallelizationFactor ?? base.parallelizationFactor;
  const tumblingWindowSeconds = input.TumblingWindowInSeconds ?? base.tumblingWindowSeconds ?? 0;
  // AWS documents one state per shard, and not what several batches of one shard at a time would do to it.
  if (tumblingWindowSeconds > 0 && parallelizationFactor > 1) {
    throw notSupported('event source mappings with TumblingWindowInSeconds and a ParallelizationFactor above 1');
  }
  return {
    ...base,
    parallelizationFactor,
    tumblingWindowSeconds,
    bisects: input.BisectBatchOnFunctionError ?? base.bisects,
    maximumRetryAttempts: input.MaximumRetryAttempts ?? base.maximumRetryAttempts,
    maximumRecordAgeSeconds: input.MaximumRecordAgeInSeconds ?? base.maximumRecordAgeSeconds,
    onFailureArn: input.DestinationConfig === undefined ? base.onFailureArn : destinationOf(input.DestinationConfig),
  };
};

export const newStreamSettings = (
  kind: StreamKind,
  eventSourceArn: string,
  input: StreamInput,
  now: EpochMs,
): StreamSettings => {
  const { StartingPosition: position, StartingPositionTimestamp: timestamp } = input;
  new Constraints().oneOf('startingPosition', position, ['LATEST', 'AT_TIMESTAMP', 'TRIM_HORIZON']).check();
  // The class of this one is another than of other violations: recorded from AWS.
  if (position === undefined) {
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (position === 'AT_TIMESTAMP') {
    if (kind === 'dynamodb') throw invalidParameter(`Unsupported starting position for arn type: ${eventSourceArn}`);
    if (timestamp === undefined) {
      throw invalidParameter('StartingPositionTimestamp is required for the starting position AT_TIMESTAMP.');
    }
    if (timestamp.getTime() > now) throw invalidParameter('StartingPositionTimestamp cannot be in the future.');
  } else if (timestamp !== undefined) {
    throw invalidParameter('StartingPositionTimestamp is only valid for the starting position AT_TIMESTAMP.');
  }
  const base: StreamSettings = {
    startingPosition: position,
    startingTimestamp: timestamp?.getTime(),
    parallelizationFactor: 1,
    bisects: false,
    maximumRetryAttempts: -1,
    maximumRecordAgeSeconds: -1,
    onFailureArn: undefined,
  };
  return changeStreamSettings(base, input);
};

/** The place to begin in shards that exist when the mapping is created. */
export const streamStartOf = (settings: StreamSettings): StreamStart =>
  settings.startingPosition === 'AT_TIMESTAMP'
    ? { at: 'AT_TIMESTAMP', timestamp: settings.startingTimestamp ?? 0 }
    : { at: settings.startingPosition };
