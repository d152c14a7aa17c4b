import type * as Sdk from '@aws-sdk/client-dynamodb';
import {
  mergedTagList,
  type Operations,
  operation,
  type ServiceEnvironment,
  withoutListedTags,
} from '../../core/index.ts';
import {
  describeDestination,
  disableDestination,
  enableDestination,
  updateDestination,
} from './kinesis-destinations.ts';
import {
  createTable,
  deleteTable,
  describeBackups,
  listTables,
  taggedTable,
  updateBackups,
  updateTable,
  updateTimeToLive,
} from './manage-tables.ts';
import { describeTable } from './table-description.ts';
import type { Tables } from './tables.ts';

/** Tables themselves: their keys, indexes, tags, expiry, backups and the Kinesis streams that they write into. */
export const tableOperations = (tables: Tables, { ids, streams }: ServiceEnvironment): Operations<typeof Sdk> => {
  return {
    CreateTable: operation(
      [
        'TableName',
        'AttributeDefinitions',
        'KeySchema',
        'LocalSecondaryIndexes',
        'GlobalSecondaryIndexes',
        'BillingMode',
        'ProvisionedThroughput',
        'OnDemandThroughput',
        'StreamSpecification',
        'SSESpecification',
        'TableClass',
        'DeletionProtectionEnabled',
        'Tags',
      ],
      (input, context) => createTable(tables, input, context, ids.uuid()),
    ),
    DescribeTable: operation(['TableName'], (input, context) => ({
      Table: describeTable(tables.requireNamed(input.TableName, context)),
    })),
    UpdateTable: operation(
      [
        'TableName',
        'AttributeDefinitions',
        'BillingMode',
        'ProvisionedThroughput',
        'OnDemandThroughput',
        'GlobalSecondaryIndexUpdates',
        'StreamSpecification',
        'SSESpecification',
        'TableClass',
        'DeletionProtectionEnabled',
      ],
      (input, context) => updateTable(tables, input, context),
    ),
    DeleteTable: operation(['TableName'], (input, context) => deleteTable(tables, input, context)),
    ListTables: operation(['ExclusiveStartTableName', 'Limit'], (input, context) => listTables(tables, input, context)),
    TagResource: operation(['ResourceArn', 'Tags'], (input, context) => {
      const table = taggedTable(tables, input.ResourceArn, context);
      tables.change(table, { tags: mergedTagList(table.stored.tags, input.Tags) });
      return {};
    }),
    UntagResource: operation(['ResourceArn', 'TagKeys'], (input, context) => {
      const table = taggedTable(tables, input.ResourceArn, context);
      tables.change(table, { tags: withoutListedTags(table.stored.tags, input.TagKeys) });
      return {};
    }),
    ListTagsOfResource: operation(['ResourceArn', 'NextToken'], (input, context) => ({
      Tags: [...taggedTable(tables, input.ResourceArn, context).stored.tags],
    })),
    UpdateTimeToLive: operation(['TableName', 'TimeToLiveSpecification'], (input, context) =>
      updateTimeToLive(tables, input, context),
    ),
    DescribeTimeToLive: operation(['TableName'], (input, context) => {
      const { timeToLive } = tables.requireNamed(input.TableName, context).stored;
      return {
        TimeToLiveDescription:
          timeToLive === undefined
            ? { TimeToLiveStatus: 'DISABLED' }
            : { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attribute },
      };
    }),
    EnableKinesisStreamingDestination: operation(
      ['TableName', 'StreamArn', 'EnableKinesisStreamingConfiguration'],
      (input, context) => enableDestination(tables, input, context, streams),
    ),
    DisableKinesisStreamingDestination: operation(
      ['TableName', 'StreamArn', 'EnableKinesisStreamingConfiguration'],
      (input, context) => disableDestination(tables, input, context),
    ),
    UpdateKinesisStreamingDestination: operation(
      ['TableName', 'StreamArn', 'UpdateKinesisStreamingConfiguration'],
      (input, context) => updateDestination(tables, input, context),
    ),
    DescribeKinesisStreamingDestination: operation(['TableName'], (input, context) => {
      const { name, destinations = [] } = tables.requireNamed(input.TableName, context).stored;
      return { TableName: name, KinesisDataStreamDestinations: destinations.map(describeDestination) };
    }),
    UpdateContinuousBackups: operation(['TableName', 'PointInTimeRecoverySpecification'], (input, context) =>
      updateBackups(tables, input, context),
    ),
    DescribeContinuousBackups: operation(['TableName'], (input, context) =>
      describeBackups(tables.requireNamed(input.TableName, context), context.now),
    ),
  };
};
