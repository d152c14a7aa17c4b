import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, pick, TAGS, tagChanges, tagMap, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  BatchSize: 'number',
  BisectBatchOnFunctionError: 'boolean',
  DestinationConfig: { OnFailure: { Destination: 'string' } },
  Enabled: 'boolean',
  EventSourceArn: 'string',
  FilterCriteria: { Filters: [{ Pattern: 'string' }] },
  FunctionName: 'string',
  FunctionResponseTypes: ['string'],
  MaximumBatchingWindowInSeconds: 'number',
  MaximumRecordAgeInSeconds: 'number',
  MaximumRetryAttempts: 'number',
  MetricsConfig: { Metrics: ['string'] },
  ParallelizationFactor: 'number',
  ProvisionedPollerConfig: { MaximumPollers: 'number', MinimumPollers: 'number' },
  ScalingConfig: { MaximumConcurrency: 'number' },
  StartingPosition: 'string',
  /** Seconds since 1970. */
  StartingPositionTimestamp: 'number',
  Tags: TAGS,
  TumblingWindowInSeconds: 'number',
} as const satisfies MemberShapes;

const REQUIRED = ['FunctionName'] as const;
type EventSourceMappingProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const UPDATABLE = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'FilterCriteria',
  'FunctionName',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'MetricsConfig',
  'ParallelizationFactor',
  'ProvisionedPollerConfig',
  'ScalingConfig',
  'TumblingWindowInSeconds',
] as const;

/** What a member goes back to when its property is removed. */
const REMOVED: Partial<Record<(typeof UPDATABLE)[number], unknown>> = {
  BisectBatchOnFunctionError: false,
  DestinationConfig: {},
  Enabled: true,
  FilterCriteria: {},
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  ParallelizationFactor: 1,
  ProvisionedPollerConfig: {},
  ScalingConfig: {},
  TumblingWindowInSeconds: 0,
};

/** A mapping that is on its way from one state to another refuses to be changed. */
const untilSettled = (UUID: string, context: ResourceContext): Promise<void> =>
  context.until(async () => {
    const { State } = await context.call<{ State?: string }>('lambda', 'GetEventSourceMapping', { UUID });
    return State === 'Enabled' || State === 'Disabled';
  }, `event source mapping ${UUID}`);

/** Until then its pollers may still receive, and a stack that has the same queue again would share its messages with them. */
const untilGone = (UUID: string, context: ResourceContext): Promise<void> =>
  context.until(async () => {
    await context.call('lambda', 'GetEventSourceMapping', { UUID });
    return false;
  }, `event source mapping ${UUID} to be deleted`);

const stateOf = (UUID: string, context: ResourceContext) => ({
  physicalId: UUID,
  attributes: { Id: UUID, EventSourceMappingArn: arnIn(context, 'lambda', `event-source-mapping:${UUID}`) },
});

/**
 * Differs: the resource is complete while its mapping is still `Creating`. AWS waits for `Enabled`; here that would
 * let a deployment in virtual time wait for time to be moved.
 */
export const lambdaEventSourceMapping: ResourceType<EventSourceMappingProperties> = {
  type: 'AWS::Lambda::EventSourceMapping',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'],
  attributes: ['EventSourceMappingArn', 'Id'],
  hasSystemTags: true,
  async create(properties, context) {
    const { UUID } = await context.call<{ UUID: string }>('lambda', 'CreateEventSourceMapping', {
      ...pick(properties, ...UPDATABLE, 'EventSourceArn', 'StartingPosition'),
      ...(properties.StartingPositionTimestamp === undefined
        ? {}
        : { StartingPositionTimestamp: new Date(properties.StartingPositionTimestamp * 1_000) }),
      ...(properties.Tags === undefined ? {} : { Tags: tagMap(properties.Tags) }),
    });
    return stateOf(UUID, context);
  },
  async update(existing, properties, context) {
    const UUID = existing.physicalId;
    const removed = UPDATABLE.filter(
      (name) => existing.properties[name] !== undefined && properties[name] === undefined && name in REMOVED,
    );
    await untilSettled(UUID, context);
    await context.call('lambda', 'UpdateEventSourceMapping', {
      UUID,
      ...pick(properties, ...UPDATABLE),
      ...Object.fromEntries(removed.map((name) => [name, REMOVED[name]])),
    });
    const state = stateOf(UUID, context);
    const tags = tagChanges(existing.properties.Tags, properties.Tags);
    const Resource = state.attributes.EventSourceMappingArn;
    if (tags.set.length > 0) await context.call('lambda', 'TagResource', { Resource, Tags: tagMap(tags.set) });
    if (tags.removed.length > 0) await context.call('lambda', 'UntagResource', { Resource, TagKeys: tags.removed });
    return state;
  },
  async delete({ physicalId: UUID }, context) {
    await unlessMissing(
      untilSettled(UUID, context)
        .then(() => context.call('lambda', 'DeleteEventSourceMapping', { UUID }))
        .then(() => untilGone(UUID, context)),
    );
  },
};
