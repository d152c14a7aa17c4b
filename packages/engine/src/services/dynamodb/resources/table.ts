import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType, Shape } from '../../../core/index.ts';
import { pick, sameJson, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';
import { KINESIS_STREAM, replicateInto } from './kinesis-stream.ts';

const KEY_SCHEMA = [{ AttributeName: 'string', KeyType: 'string' }] as const satisfies Shape;
const PROJECTION = { NonKeyAttributes: ['string'], ProjectionType: 'string' } as const satisfies Shape;
const THROUGHPUT = { ReadCapacityUnits: 'number', WriteCapacityUnits: 'number' } as const satisfies Shape;

const SHAPE = {
  AttributeDefinitions: [{ AttributeName: 'string', AttributeType: 'string' }],
  BillingMode: 'string',
  DeletionProtectionEnabled: 'boolean',
  GlobalSecondaryIndexes: [
    { IndexName: 'string', KeySchema: KEY_SCHEMA, Projection: PROJECTION, ProvisionedThroughput: THROUGHPUT },
  ],
  KeySchema: KEY_SCHEMA,
  KinesisStreamSpecification: KINESIS_STREAM,
  LocalSecondaryIndexes: [{ IndexName: 'string', KeySchema: KEY_SCHEMA, Projection: PROJECTION }],
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: 'boolean', RecoveryPeriodInDays: 'number' },
  ProvisionedThroughput: THROUGHPUT,
  SSESpecification: { SSEEnabled: 'boolean', SSEType: 'string', KMSMasterKeyId: 'string' },
  StreamSpecification: { StreamViewType: 'string' },
  TableClass: 'string',
  TableName: 'string',
  Tags: TAGS,
  TimeToLiveSpecification: { AttributeName: 'string', Enabled: 'boolean' },
} as const satisfies MemberShapes;

const REQUIRED = ['KeySchema'] as const;
type TableProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

interface TableDescription {
  readonly TableArn: string;
  readonly TableStatus?: string;
  readonly LatestStreamArn?: string;
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexStatus?: string }[];
}

const describe = async (TableName: string, context: ResourceContext): Promise<TableDescription> => {
  const { Table } = await context.call<{ Table: TableDescription }>('dynamodb', 'DescribeTable', { TableName });
  return Table;
};

const untilActive = (name: string, context: ResourceContext): Promise<void> =>
  context.until(async () => {
    const { TableStatus, GlobalSecondaryIndexes = [] } = await describe(name, context);
    return TableStatus === 'ACTIVE' && GlobalSecondaryIndexes.every(({ IndexStatus }) => IndexStatus !== 'CREATING');
  }, `table ${name}`);

const streamOf = ({ StreamSpecification }: TableProperties) =>
  StreamSpecification === undefined
    ? {}
    : { StreamSpecification: { StreamEnabled: true, StreamViewType: StreamSpecification.StreamViewType } };

const sseOf = ({ SSESpecification: sse }: TableProperties) =>
  sse === undefined
    ? {}
    : { SSESpecification: { Enabled: sse.SSEEnabled === true, ...pick(sse, 'SSEType', 'KMSMasterKeyId') } };

const stateOf = async (name: string, context: ResourceContext) => {
  const { TableArn, LatestStreamArn } = await describe(name, context);
  return {
    physicalId: name,
    attributes: { Arn: TableArn, ...(LatestStreamArn === undefined ? {} : { StreamArn: LatestStreamArn }) },
  };
};

/** Time to live, point-in-time recovery and a Kinesis stream have actions of their own. */
const configure = async (
  TableName: string,
  before: Partial<TableProperties>,
  wanted: TableProperties,
  context: ResourceContext,
): Promise<void> => {
  const [oldTtl, ttl] = [before.TimeToLiveSpecification, wanted.TimeToLiveSpecification];
  if (!sameJson(oldTtl ?? null, ttl ?? null) && (oldTtl?.Enabled ?? false) !== (ttl?.Enabled ?? false)) {
    const AttributeName = ttl?.AttributeName ?? oldTtl?.AttributeName;
    await context.call('dynamodb', 'UpdateTimeToLive', {
      TableName,
      TimeToLiveSpecification: { AttributeName, Enabled: ttl?.Enabled === true },
    });
  }
  const recovery = wanted.PointInTimeRecoverySpecification;
  if (!sameJson(before.PointInTimeRecoverySpecification ?? null, recovery ?? null)) {
    await context.call('dynamodb', 'UpdateContinuousBackups', {
      TableName,
      PointInTimeRecoverySpecification: recovery ?? { PointInTimeRecoveryEnabled: false },
    });
  }
  if (before.KinesisStreamSpecification !== undefined || wanted.KinesisStreamSpecification !== undefined) {
    await replicateInto(TableName, wanted.KinesisStreamSpecification, context);
  }
};

type Indexes = NonNullable<TableProperties['GlobalSecondaryIndexes']>;

/** An index that is gone and one that is new; DynamoDB changes one per call. */
const indexUpdates = (before: Indexes, wanted: Indexes): readonly object[] => [
  ...before
    .filter(({ IndexName }) => !wanted.some((index) => index.IndexName === IndexName))
    .map(({ IndexName }) => ({ Delete: { IndexName } })),
  ...wanted
    .filter(({ IndexName }) => !before.some((index) => index.IndexName === IndexName))
    .map((index) => ({ Create: index })),
];

export const dynamodbTable: ResourceType<TableProperties> = {
  type: 'AWS::DynamoDB::Table',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],
  nameProperty: 'TableName',
  attributes: ['Arn', 'StreamArn'],
  async create(properties, context) {
    const TableName = properties.TableName ?? context.generateName({ maxLength: 255 });
    await context.call('dynamodb', 'CreateTable', {
      TableName,
      ...pick(
        properties,
        'AttributeDefinitions',
        'BillingMode',
        'DeletionProtectionEnabled',
        'GlobalSecondaryIndexes',
        'KeySchema',
        'LocalSecondaryIndexes',
        'ProvisionedThroughput',
        'TableClass',
        'Tags',
      ),
      ...streamOf(properties),
      ...sseOf(properties),
    });
    try {
      await untilActive(TableName, context);
      await configure(TableName, {}, properties, context);
    } catch (error) {
      await unlessMissing(context.call('dynamodb', 'DeleteTable', { TableName }));
      throw error;
    }
    return stateOf(TableName, context);
  },
  async update(existing, properties, context) {
    const TableName = existing.physicalId;
    const before = existing.properties;
    const changed = (name: keyof TableProperties): boolean => !sameJson(before[name] ?? null, properties[name] ?? null);
    const input = {
      ...(changed('BillingMode') || changed('ProvisionedThroughput')
        ? { BillingMode: properties.BillingMode ?? 'PROVISIONED', ...pick(properties, 'ProvisionedThroughput') }
        : {}),
      ...(changed('DeletionProtectionEnabled')
        ? { DeletionProtectionEnabled: properties.DeletionProtectionEnabled === true }
        : {}),
      ...(changed('TableClass') ? { TableClass: properties.TableClass ?? 'STANDARD' } : {}),
      ...(changed('SSESpecification')
        ? sseOf({ ...properties, SSESpecification: properties.SSESpecification ?? {} })
        : {}),
      ...(changed('StreamSpecification')
        ? properties.StreamSpecification === undefined
          ? { StreamSpecification: { StreamEnabled: false } }
          : streamOf(properties)
        : {}),
    };
    // A stream cannot change what it shows: it ends, and another begins.
    if (changed('StreamSpecification') && before.StreamSpecification && properties.StreamSpecification) {
      await context.call('dynamodb', 'UpdateTable', { TableName, StreamSpecification: { StreamEnabled: false } });
    }
    if (Object.keys(input).length > 0) {
      await context.call('dynamodb', 'UpdateTable', { TableName, ...input });
      await untilActive(TableName, context);
    }
    for (const change of indexUpdates(before.GlobalSecondaryIndexes ?? [], properties.GlobalSecondaryIndexes ?? [])) {
      await context.call('dynamodb', 'UpdateTable', {
        TableName,
        ...pick(properties, 'AttributeDefinitions'),
        GlobalSecondaryIndexUpdates: [change],
      });
      await untilActive(TableName, context);
    }
    await configure(TableName, before, properties, context);
    const ResourceArn = existing.attributes['Arn'];
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('dynamodb', 'TagResource', { ResourceArn, Tags: set });
    if (removed.length > 0) await context.call('dynamodb', 'UntagResource', { ResourceArn, TagKeys: removed });
    return stateOf(TableName, context);
  },
  async delete({ physicalId: TableName }, context) {
    await unlessMissing(context.call('dynamodb', 'DeleteTable', { TableName }));
    await unlessMissing(
      context.until(async () => {
        await describe(TableName, context);
        return false;
      }, `deletion of table ${TableName}`),
    );
  },
};
