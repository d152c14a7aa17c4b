import type {
  GlobalSecondaryIndexDescription,
  LocalSecondaryIndexDescription,
  ProvisionedThroughputDescription,
  SSEDescription,
  TableDescription,
  TableStatus,
} from '@aws-sdk/client-dynamodb';
import { makeArn } from '@holdfast/aws-model';
import type { SecondaryIndex, StoredTable, StoredThroughput, Table } from './table.ts';

const throughput = ({ ReadCapacityUnits, WriteCapacityUnits }: StoredThroughput): ProvisionedThroughputDescription => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits,
  WriteCapacityUnits,
});

const NO_THROUGHPUT: StoredThroughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

/** What a new on-demand table bears at once, and no table ever less. */
const ON_DEMAND_WARM = { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000 };

/** What a table or index bears at once. Nothing here ever throttles, so it stays where every table begins. */
const warmThroughput = (table: StoredTable, provisioned: StoredThroughput) => ({
  ...(table.billingMode === 'PAY_PER_REQUEST'
    ? ON_DEMAND_WARM
    : {
        ReadUnitsPerSecond: provisioned.ReadCapacityUnits,
        WriteUnitsPerSecond: provisioned.WriteCapacityUnits,
      }),
  Status: 'ACTIVE' as const,
});

/** Answers to creation and deletion leave it out. */
const showsWarmth = (status: TableStatus): boolean => status === 'ACTIVE' || status === 'UPDATING';

const localIndex = (table: StoredTable, index: SecondaryIndex): LocalSecondaryIndexDescription => ({
  IndexName: index.stored.name,
  KeySchema: [...index.stored.keySchema],
  Projection: index.stored.projection,
  IndexSizeBytes: index.bytes,
  ItemCount: index.rows.size,
  IndexArn: `${table.arn}/index/${index.stored.name}`,
});

const globalIndex = (
  table: StoredTable,
  index: SecondaryIndex,
  status: TableStatus,
): GlobalSecondaryIndexDescription => ({
  ...localIndex(table, index),
  IndexStatus: 'ACTIVE',
  ProvisionedThroughput: throughput(index.stored.throughput ?? NO_THROUGHPUT),
  ...(index.stored.onDemand === undefined ? {} : { OnDemandThroughput: index.stored.onDemand }),
  ...(showsWarmth(status) ? { WarmThroughput: warmThroughput(table, index.stored.throughput ?? NO_THROUGHPUT) } : {}),
});

/** Key ARN of encryption with a customer's or AWS's own key. */
const encryption = ({ encryption: settings, region, account }: StoredTable): SSEDescription | undefined => {
  if (settings === undefined) return undefined;
  const { keyId } = settings;
  const key = keyId.startsWith('arn:')
    ? keyId
    : makeArn('kms', region, account, keyId.includes('/') ? keyId : `key/${keyId}`);
  return { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key };
};

/** A stream that has ended is still named, but no longer specified. */
const streamOf = ({ stream }: StoredTable): Partial<TableDescription> =>
  stream === undefined
    ? {}
    : {
        ...(stream.isEnabled
          ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType as 'KEYS_ONLY' } }
          : {}),
        LatestStreamArn: stream.arn,
        LatestStreamLabel: stream.arn.slice(stream.arn.lastIndexOf('/') + 1),
      };

/**
 * What DescribeTable answers. Indexes and tables are ready at once here: `ACTIVE`. Counts and sizes are those of now;
 * AWS updates them every six hours.
 */
export const describeTable = (table: Table, status: TableStatus = 'ACTIVE'): TableDescription => {
  const { stored } = table;
  const indexes = [...table.indexes.values()];
  const locals = indexes.filter((index) => !index.stored.isGlobal).map((index) => localIndex(stored, index));
  const globals = indexes.filter((index) => index.stored.isGlobal).map((index) => globalIndex(stored, index, status));
  const sse = encryption(stored);
  return {
    TableName: stored.name,
    TableArn: stored.arn,
    TableId: stored.id,
    TableStatus: status,
    CreationDateTime: new Date(stored.createdAt),
    AttributeDefinitions: [...stored.attributes],
    KeySchema: [...stored.keySchema],
    ProvisionedThroughput: throughput(stored.throughput),
    ...(showsWarmth(status) ? { WarmThroughput: warmThroughput(stored, stored.throughput) } : {}),
    TableSizeBytes: table.bytes,
    ItemCount: table.rows.size,
    DeletionProtectionEnabled: stored.isDeletionProtected,
    ...(stored.billingModeSetAt === undefined
      ? {}
      : {
          BillingModeSummary: {
            BillingMode: stored.billingMode,
            ...(status === 'CREATING' ? {} : { LastUpdateToPayPerRequestDateTime: new Date(stored.billingModeSetAt) }),
          },
        }),
    ...(stored.onDemand === undefined ? {} : { OnDemandThroughput: stored.onDemand }),
    ...streamOf(stored),
    ...(stored.tableClass === undefined ? {} : { TableClassSummary: { TableClass: stored.tableClass as 'STANDARD' } }),
    ...(sse === undefined ? {} : { SSEDescription: sse }),
    ...(locals.length === 0 ? {} : { LocalSecondaryIndexes: locals }),
    ...(globals.length === 0 ? {} : { GlobalSecondaryIndexes: globals }),
  };
};
