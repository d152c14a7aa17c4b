import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, pick, ServiceError, sameJson, TAGS, tagChanges, tagMap, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Name: 'string',
  RetentionPeriodHours: 'number',
  ShardCount: 'number',
  StreamEncryption: { EncryptionType: 'string', KeyId: 'string' },
  StreamModeDetails: { StreamMode: 'string' },
  Tags: TAGS,
} as const satisfies MemberShapes;

type StreamProperties = PropertiesOf<typeof SHAPE>;

const RETENTION_HOURS_DEFAULT = 24;

const isOnDemand = ({ StreamModeDetails }: StreamProperties): boolean => StreamModeDetails?.StreamMode === 'ON_DEMAND';

const stateOf = (name: string, context: ResourceContext) => ({
  physicalId: name,
  attributes: { Arn: arnIn(context, 'kinesis', `stream/${name}`) },
});

/** Retention and encryption have actions of their own. */
const configure = async (
  StreamName: string,
  before: StreamProperties,
  wanted: StreamProperties,
  context: ResourceContext,
): Promise<void> => {
  const [oldHours, hours] = [before, wanted].map(
    ({ RetentionPeriodHours = RETENTION_HOURS_DEFAULT }) => RetentionPeriodHours,
  ) as [number, number];
  if (hours !== oldHours) {
    const action = hours > oldHours ? 'IncreaseStreamRetentionPeriod' : 'DecreaseStreamRetentionPeriod';
    await context.call('kinesis', action, { StreamName, RetentionPeriodHours: hours });
  }
  const [oldEncryption, encryption] = [before.StreamEncryption, wanted.StreamEncryption];
  if (sameJson({ ...oldEncryption }, { ...encryption })) return;
  if (encryption !== undefined) await context.call('kinesis', 'StartStreamEncryption', { StreamName, ...encryption });
  else await context.call('kinesis', 'StopStreamEncryption', { StreamName, ...oldEncryption });
};

export const kinesisStream: ResourceType<StreamProperties> = {
  type: 'AWS::Kinesis::Stream',
  properties: SHAPE,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn'],
  hasSystemTags: true,
  async create(properties, context) {
    const StreamName = properties.Name ?? context.generateName({ maxLength: 128 });
    await context.call('kinesis', 'CreateStream', {
      StreamName,
      // Too many properties are for the service to refuse.
      ...(isOnDemand(properties) ? pick(properties, 'ShardCount') : { ShardCount: properties.ShardCount ?? 1 }),
      ...(properties.StreamModeDetails === undefined ? {} : { StreamModeDetails: properties.StreamModeDetails }),
      ...(properties.Tags === undefined ? {} : { Tags: tagMap(properties.Tags) }),
    });
    try {
      await configure(StreamName, {}, properties, context);
    } catch (error) {
      await unlessMissing(context.call('kinesis', 'DeleteStream', { StreamName }));
      throw error;
    }
    return stateOf(StreamName, context);
  },
  async update(existing, properties, context) {
    if (isOnDemand(properties) && properties.ShardCount !== undefined) {
      throw new ServiceError('ValidationError', 'ShardCount is not expected when StreamMode=ON_DEMAND');
    }
    const StreamName = existing.physicalId;
    const before = existing.properties;
    const state = stateOf(StreamName, context);
    const ResourceARN = state.attributes.Arn;
    if (isOnDemand(before) !== isOnDemand(properties)) {
      const StreamMode = isOnDemand(properties) ? 'ON_DEMAND' : 'PROVISIONED';
      const StreamModeDetails = { StreamMode };
      await context.call('kinesis', 'UpdateStreamMode', { StreamARN: ResourceARN, StreamModeDetails });
    }
    const TargetShardCount = properties.ShardCount ?? 1;
    const { StreamDescriptionSummary: summary } = await context.call<{
      StreamDescriptionSummary: { OpenShardCount: number };
    }>('kinesis', 'DescribeStreamSummary', { StreamName });
    if (!isOnDemand(properties) && summary.OpenShardCount !== TargetShardCount) {
      const input = { StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' };
      await context.call('kinesis', 'UpdateShardCount', input);
    }
    await configure(StreamName, before, properties, context);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('kinesis', 'TagResource', { ResourceARN, Tags: tagMap(set) });
    if (removed.length > 0) await context.call('kinesis', 'UntagResource', { ResourceARN, TagKeys: removed });
    return state;
  },
  async delete({ physicalId: StreamName }, context) {
    await unlessMissing(context.call('kinesis', 'DeleteStream', { StreamName }));
  },
};
