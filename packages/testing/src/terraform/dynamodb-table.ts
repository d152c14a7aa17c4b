import { block, blocks, COMMON, type TerraformType, tags } from './resource-type.ts';
import type { TerraformObject, TerraformValue } from './terraform-value.ts';

const keySchema = (hash: TerraformValue, range: TerraformValue): TerraformValue => [
  { AttributeName: hash, KeyType: 'HASH' },
  ...(range === undefined || range === null ? [] : [{ AttributeName: range, KeyType: 'RANGE' }]),
];

const throughput = (given: TerraformObject, isOnDemand: boolean): TerraformObject =>
  isOnDemand
    ? {}
    : {
        ProvisionedThroughput: {
          ReadCapacityUnits: given['read_capacity'],
          WriteCapacityUnits: given['write_capacity'],
        },
      };

const projection = (given: TerraformObject): TerraformObject => ({
  Projection: {
    ProjectionType: given['projection_type'],
    ...(given['non_key_attributes'] ? { NonKeyAttributes: given['non_key_attributes'] } : {}),
  },
});

const indexesOf = (given: TerraformValue, make: (index: TerraformObject) => TerraformObject): TerraformValue =>
  (given as readonly TerraformObject[]).map((index) => ({
    IndexName: index['name'],
    ...make(index),
    ...projection(index),
  }));

/** Of a table some attributes are read together. */
const tableOf = (given: TerraformObject): TerraformObject => {
  const { billing_mode, hash_key, range_key, stream_enabled, stream_view_type, ...rest } = given;
  const isOnDemand = billing_mode === 'PAY_PER_REQUEST';
  const { read_capacity, write_capacity, global_secondary_index, local_secondary_index, ...others } = rest;
  return {
    ...others,
    table: {
      ...(isOnDemand ? { BillingMode: billing_mode } : {}),
      KeySchema: keySchema(hash_key, range_key),
      ...throughput({ read_capacity, write_capacity }, isOnDemand),
      ...(stream_enabled === true ? { StreamSpecification: { StreamViewType: stream_view_type } } : {}),
      ...(Array.isArray(global_secondary_index) && global_secondary_index.length > 0
        ? {
            GlobalSecondaryIndexes: indexesOf(global_secondary_index, (index) => ({
              KeySchema: keySchema(index['hash_key'], index['range_key']),
              ...throughput(index, isOnDemand),
            })),
          }
        : {}),
      ...(Array.isArray(local_secondary_index) && local_secondary_index.length > 0
        ? {
            LocalSecondaryIndexes: indexesOf(local_secondary_index, (index) => ({
              KeySchema: keySchema(hash_key, index['range_key']),
            })),
          }
        : {}),
    },
  };
};

export const DYNAMODB_TABLE: TerraformType = {
  type: 'AWS::DynamoDB::Table',
  nameAttribute: 'name',
  prepare: tableOf,
  attributes: {
    attribute: blocks('AttributeDefinitions', { name: 'AttributeName', type: 'AttributeType' }),
    deletion_protection_enabled: 'DeletionProtectionEnabled',
    name: 'TableName',
    point_in_time_recovery: block('PointInTimeRecoverySpecification', {
      enabled: 'PointInTimeRecoveryEnabled',
      recovery_period_in_days: 'RecoveryPeriodInDays',
    }),
    table: (table) => table as TerraformObject,
    table_class: 'TableClass',
    tags,
    ttl: block('TimeToLiveSpecification', { attribute_name: 'AttributeName', enabled: 'Enabled' }),
  },
  saysNothing: COMMON,
  known: { arn: 'Arn', id: '', name: '', stream_arn: 'StreamArn' },
};
