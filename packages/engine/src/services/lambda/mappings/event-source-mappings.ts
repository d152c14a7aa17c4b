import type * as Sdk from '@aws-sdk/client-lambda';
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { makeArn, parseArn } from '@holdfast/aws-model';
import { type Operations, operation, type RequestContext, ServiceError } from '../../../core/index.ts';
import { invalidParameter, notFound } from '../errors.ts';
import { locate, parseLocator, qualifiedArn } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import type { ProcessingResult } from './function-consumer.ts';
import { isPassing, type MappingRecord, type MappingSettings, stateDuringUpdate } from './mapping-record.ts';
import type { MappingRegistry } from './mapping-registry.ts';
import {
  changeSettings,
  checkSettings,
  newSettings,
  refuseOfQueue,
  SETTING_MEMBERS,
  sourceOf,
} from './mapping-settings.ts';

import { STREAM_START_MEMBERS, type StreamSettings, streamKindOf } from './stream-settings.ts';

const mappingArn = (record: Pick<MappingRecord, 'account' | 'region' | 'uuid'>): string =>
  makeArn('lambda', record.region, record.account, `event-source-mapping:${record.uuid}`);

const describe = (record: MappingRecord, lastResult: ProcessingResult): EventSourceMappingConfiguration => {
  const { settings } = record;
  return {
    UUID: record.uuid,
    EventSourceMappingArn: mappingArn(record),
    EventSourceArn: record.eventSourceArn,
    // While an update is under way its function shows already, its other settings only when they are in force.
    FunctionArn: (record.nextSettings ?? settings).functionArn,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    FunctionResponseTypes: settings.reportsBatchItemFailures ? ['ReportBatchItemFailures'] : [],
    LastModified: new Date(record.lastModifiedAt),
    State: record.state,
    StateTransitionReason: settings.stream === undefined ? 'USER_INITIATED' : 'User action',
    ...(settings.stream === undefined ? {} : describeStreamSettings(settings.stream, lastResult)),
    ...(settings.filters.length === 0
      ? {}
      : { FilterCriteria: { Filters: settings.filters.map((Pattern) => ({ Pattern })) } }),
    ...(settings.maximumConcurrency === undefined
      ? {}
      : { ScalingConfig: { MaximumConcurrency: settings.maximumConcurrency } }),
    ...(settings.provisionedPollers === undefined
      ? {}
      : {
          ProvisionedPollerConfig: {
            MinimumPollers: settings.provisionedPollers.minimum,
            MaximumPollers: settings.provisionedPollers.maximum,
          },
        }),
    ...(settings.kmsKeyArn === undefined ? {} : { KMSKeyArn: settings.kmsKeyArn }),
  };
};

const describeStreamSettings = (
  stream: StreamSettings,
  LastProcessingResult: ProcessingResult,
): Partial<EventSourceMappingConfiguration> => ({
  StartingPosition: stream.startingPosition,
  ...(stream.startingTimestamp === undefined ? {} : { StartingPositionTimestamp: new Date(stream.startingTimestamp) }),
  ParallelizationFactor: stream.parallelizationFactor,
  BisectBatchOnFunctionError: stream.bisects,
  MaximumRetryAttempts: stream.maximumRetryAttempts,
  MaximumRecordAgeInSeconds: stream.maximumRecordAgeSeconds,
  TumblingWindowInSeconds: stream.tumblingWindowSeconds ?? 0,
  DestinationConfig: { OnFailure: stream.onFailureArn === undefined ? {} : { Destination: stream.onFailureArn } },
  LastProcessingResult,
});

const inUse = (verb: string): ServiceError => {
  const text = `Cannot ${verb} the event source mapping because it is in use.`;
  return new ServiceError('ResourceInUseException', text, 400, { Type: 'User', Message: text });
};

/** Mappings from queues and streams to functions. Their states pass as on AWS, faster. */
export const eventSourceMappingOperations = (
  { environment, registry }: LambdaParts,
  mappings: MappingRegistry,
): Operations<typeof Sdk> => {
  const functionArnOf = (functionName: string | undefined, context: RequestContext): string => {
    const locator = locate(functionName, undefined, context);
    const record = registry.get(locator.arn);
    if (record === undefined || registry.versionOf(record, locator.qualifier) === undefined) {
      throw invalidParameter('Function does not exist');
    }
    return qualifiedArn(locator.arn, locator.qualifier);
  };

  const requireMapping = (uuid: string | undefined): MappingRecord => {
    const record = uuid === undefined ? undefined : mappings.get(uuid);
    if (record === undefined) throw notFound('The resource you requested does not exist.');
    return record;
  };

  const checkAgainstQueue = (queueArn: string, settings: MappingSettings): void => {
    const facts = environment.queues.facts(queueArn);
    if (facts === undefined) {
      throw invalidParameter(
        'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
      );
    }
    checkSettings(settings, facts);
  };

  const described = (record: MappingRecord): EventSourceMappingConfiguration =>
    describe(record, mappings.lastResult(record.uuid));

  /** Everything that a queue and its settings must be to each other. */
  const checkQueue = (queueArn: string, settings: MappingSettings): void => {
    checkAgainstQueue(queueArn, settings);
    const facts = environment.queues.facts(queueArn);
    const timeoutSeconds = registry.resolveArn(settings.functionArn)?.version.timeoutSeconds ?? 0;
    if (facts !== undefined && facts.visibilityTimeoutSeconds < timeoutSeconds) {
      throw invalidParameter(
        `Queue visibility timeout: ${facts.visibilityTimeoutSeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
      );
    }
  };

  const duplicateOf = (duplicate: MappingRecord, name: string | undefined): ServiceError => {
    const { eventSourceArn: source, settings, uuid } = duplicate;
    const end = `already exists. Please update or delete the existing mapping with UUID ${uuid}`;
    const text =
      settings.stream === undefined
        ? `An event source mapping with SQS arn (" ${source} ") and function (" ${name} ") ${end}`
        : `The event source arn (" ${source} ") and function (" ${name} ") provided mapping ${end}`;
    return new ServiceError('ResourceConflictException', text, 409, { Type: 'User' });
  };

  return {
    CreateEventSourceMapping: operation(
      ['EventSourceArn', 'FunctionName', 'Tags', ...SETTING_MEMBERS, ...STREAM_START_MEMBERS],
      (input, context) => {
        const eventSourceArn = sourceOf(input);
        if (streamKindOf(eventSourceArn) === undefined) refuseOfQueue(input);
        const functionArn = functionArnOf(input.FunctionName, context);
        const settings = newSettings(eventSourceArn, functionArn, input, context.now);
        const { stream } = settings;
        if (stream === undefined) checkQueue(eventSourceArn, settings);
        else if (environment.streams.facts(eventSourceArn) === undefined) {
          throw invalidParameter(`Stream not found: ${eventSourceArn}`);
        }
        const duplicate = mappings.find(eventSourceArn, functionArn);
        if (duplicate !== undefined) {
          throw duplicateOf(duplicate, parseLocator(functionArn, context.account, context.region)?.name);
        }
        const record: MappingRecord = {
          uuid: environment.ids.uuid(),
          account: context.account,
          region: context.region,
          eventSourceArn,
          state: settings.isEnabled || stream !== undefined ? 'Creating' : 'Disabled',
          settings,
          nextSettings: undefined,
          lastModifiedAt: context.now,
          tags: { ...input.Tags },
        };
        mappings.create(record);
        return described(record);
      },
    ),

    GetEventSourceMapping: operation(['UUID'], (input) => described(requireMapping(input.UUID))),

    ListEventSourceMappings: operation(['EventSourceArn', 'FunctionName', 'Marker', 'MaxItems'], (input, context) => {
      const locator = input.FunctionName === undefined ? undefined : locate(input.FunctionName, undefined, context);
      const wanted = locator === undefined ? undefined : qualifiedArn(locator.arn, locator.qualifier);
      const found = mappings
        .of(context.account, context.region)
        .filter((record) => input.EventSourceArn === undefined || record.eventSourceArn === input.EventSourceArn)
        .filter((record) => wanted === undefined || record.settings.functionArn === wanted);
      const { page, ...next } = pageOf(found, input.Marker, input.MaxItems, 100);
      return { EventSourceMappings: page.map(described), ...next };
    }),

    UpdateEventSourceMapping: operation(['UUID', 'FunctionName', ...SETTING_MEMBERS], (input, context) => {
      const record = requireMapping(input.UUID);
      if (isPassing(record.state)) throw inUse('update');
      const functionArn =
        input.FunctionName === undefined ? record.settings.functionArn : functionArnOf(input.FunctionName, context);
      const next = changeSettings(record.settings, record.eventSourceArn, functionArn, input);
      if (next.stream === undefined) checkAgainstQueue(record.eventSourceArn, next);
      const changed: MappingRecord = {
        ...record,
        state: stateDuringUpdate(record.settings, next),
        nextSettings: next,
        lastModifiedAt: context.now,
      };
      mappings.save(changed);
      return described(changed);
    }),

    DeleteEventSourceMapping: operation(['UUID'], (input) => {
      const record = requireMapping(input.UUID);
      if (isPassing(record.state)) throw inUse('delete');
      const deleting: MappingRecord = { ...record, state: 'Deleting' };
      mappings.save(deleting);
      return described(deleting);
    }),
  };
};

/** Whether an ARN names an event source mapping; its UUID if so. */
export const mappingUuidOf = (text: string): string | undefined =>
  /^event-source-mapping:(.+)$/.exec(parseArn(text)?.resource ?? '')?.[1];
