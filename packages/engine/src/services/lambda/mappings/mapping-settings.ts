import type { CreateEventSourceMappingCommandInput } from '@aws-sdk/client-lambda';
import { parseArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import {
  Constraints,
  compileSqsFilters,
  compileStreamFilters,
  EventPatternError,
  notSupported,
  type QueueFacts,
  refuseUnmodelled,
  type StreamKind,
} from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';
import type { MappingSettings } from './mapping-record.ts';
import { readProvisionedPollers } from './provisioned-pollers.ts';
import {
  changeStreamSettings,
  newStreamSettings,
  refuseStreamMembers,
  STREAM_MEMBERS,
  type STREAM_START_MEMBERS,
  streamKindOf,
} from './stream-settings.ts';

/** Messages per batch of a queue's mapping when the caller leaves it open. */
const BATCH_SIZE_DEFAULT = 10;

/** Records per batch of a stream's mapping likewise. */
const STREAM_BATCH_SIZE_DEFAULT = 100;

/** Filters per mapping; AWS raises it to ten on request. */
const FILTERS_MAX = 5;

export const SETTING_MEMBERS = [
  'Enabled',
  'BatchSize',
  'FilterCriteria',
  'KMSKeyArn',
  'ScalingConfig',
  'ProvisionedPollerConfig',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'DestinationConfig',
  ...STREAM_MEMBERS,
] as const;

type SettingsInput = Pick<
  CreateEventSourceMappingCommandInput,
  (typeof SETTING_MEMBERS)[number] | (typeof STREAM_START_MEMBERS)[number]
>;

/** The queue or stream that a mapping reads. Brokers and databases are refused by name. */
export const sourceOf = (input: Pick<CreateEventSourceMappingCommandInput, 'EventSourceArn'>): string => {
  const service = parseArn(input.EventSourceArn ?? '')?.service;
  if (input.EventSourceArn === undefined || service === undefined) throw invalidParameter('Unrecognized event source.');
  if (service !== 'sqs' && streamKindOf(input.EventSourceArn) === undefined) {
    throw notSupported(`event source mappings from ${service}`);
  }
  return input.EventSourceArn;
};

const checkShape = (input: SettingsInput): void => {
  new Constraints()
    .range('batchSize', input.BatchSize, 1, 10_000)
    .range('maximumBatchingWindowInSeconds', input.MaximumBatchingWindowInSeconds, 0, 300)
    .range('scalingConfig.maximumConcurrency', input.ScalingConfig?.MaximumConcurrency, 2, 1_000)
    .length('functionResponseTypes', input.FunctionResponseTypes, 0, 1)
    .oneOf('functionResponseTypes', input.FunctionResponseTypes?.[0], ['ReportBatchItemFailures'])
    .check();
  refuseUnmodelled(input.ScalingConfig ?? {}, ['MaximumConcurrency'], 'ScalingConfig');
};

const filtersOf = (criteria: SettingsInput['FilterCriteria'], kind: StreamKind | undefined): readonly string[] => {
  const filters = criteria?.Filters ?? [];
  if (filters.length > FILTERS_MAX) {
    throw invalidParameter(`The number of filters exceeds the maximum of ${FILTERS_MAX}.`);
  }
  const constraints = new Constraints();
  const patterns = filters.map((filter, index) => {
    constraints.length(`filterCriteria.filters.${index + 1}.member.pattern`, filter.Pattern, 0, 4_096);
    return filter.Pattern ?? '';
  });
  constraints.check();
  try {
    if (kind === undefined) compileSqsFilters(patterns);
    else compileStreamFilters(kind, patterns);
  } catch (error) {
    if (error instanceof EventPatternError) throw invalidParameter('Invalid filter pattern definition.');
    throw error;
  }
  return patterns;
};

/** Destinations and what else belongs to streams. AWS looks at this before it looks for the function. */
export const refuseOfQueue = (input: SettingsInput): void => {
  if (input.DestinationConfig?.OnFailure?.Destination || input.DestinationConfig?.OnSuccess?.Destination) {
    throw invalidParameter('Unsupported DestinationConfig parameter for given event source mapping type.');
  }
  refuseStreamMembers(input);
};

/** Lays the given members over `base`. An empty structure takes the setting away. */
export const changeSettings = (
  base: MappingSettings,
  eventSourceArn: string,
  functionArn: string,
  input: SettingsInput,
): MappingSettings => {
  checkShape(input);
  if (base.stream === undefined) refuseOfQueue(input);
  const kind = base.stream === undefined ? undefined : streamKindOf(eventSourceArn);
  return {
    functionArn,
    isEnabled: input.Enabled ?? base.isEnabled,
    batchSize: input.BatchSize ?? base.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? base.windowSeconds,
    filters: input.FilterCriteria === undefined ? base.filters : filtersOf(input.FilterCriteria, kind),
    maximumConcurrency:
      input.ScalingConfig === undefined ? base.maximumConcurrency : input.ScalingConfig.MaximumConcurrency,
    provisionedPollers:
      input.ProvisionedPollerConfig === undefined
        ? base.provisionedPollers
        : readProvisionedPollers(input.ProvisionedPollerConfig),
    reportsBatchItemFailures:
      input.FunctionResponseTypes === undefined
        ? base.reportsBatchItemFailures
        : input.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    kmsKeyArn: input.KMSKeyArn ?? base.kmsKeyArn,
    ...(base.stream === undefined ? {} : { stream: changeStreamSettings(base.stream, input) }),
  };
};

export const newSettings = (
  eventSourceArn: string,
  functionArn: string,
  input: SettingsInput,
  now: EpochMs,
): MappingSettings => {
  const kind = streamKindOf(eventSourceArn);
  return changeSettings(
    {
      functionArn,
      isEnabled: true,
      batchSize: kind === undefined ? BATCH_SIZE_DEFAULT : STREAM_BATCH_SIZE_DEFAULT,
      windowSeconds: 0,
      filters: [],
      maximumConcurrency: undefined,
      reportsBatchItemFailures: false,
      kmsKeyArn: undefined,
      ...(kind === undefined ? {} : { stream: newStreamSettings(kind, eventSourceArn, input, now) }),
    },
    eventSourceArn,
    functionArn,
    input,
  );
};

/** Relations between settings, and between settings and the queue. */
export const checkSettings = (settings: MappingSettings, queue: QueueFacts): void => {
  if (settings.provisionedPollers !== undefined && settings.maximumConcurrency !== undefined) {
    throw invalidParameter('ProvisionedPollerConfig and ScalingConfig cannot be used together.');
  }
  if (queue.isFifo && settings.windowSeconds > 0) {
    throw invalidParameter('Batching window is not supported for FIFO queues.');
  }
  if (queue.isFifo && settings.batchSize > 10) {
    throw invalidParameter('The batch size for FIFO queues must not be greater than 10.');
  }
  if (settings.batchSize > 10 && settings.windowSeconds === 0) {
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
};
