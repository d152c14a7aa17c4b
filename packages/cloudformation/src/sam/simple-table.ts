import type { JsonObject } from '@holdfast/engine';
import { membersOf, tagList } from './names.ts';
import { refuseOthers } from './refusal.ts';

const ATTRIBUTE_TYPES: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };

/** `AWS::Serverless::SimpleTable`: a table with one key. */
export const expandSimpleTable = (logicalId: string, resource: JsonObject, properties: JsonObject): JsonObject => {
  const { PrimaryKey, ProvisionedThroughput, Tags, ...rest } = properties;
  refuseOthers(
    rest,
    ['TableName', 'SSESpecification', 'PointInTimeRecoverySpecification'],
    'AWS::Serverless::SimpleTable',
    logicalId,
  );
  const { Name: AttributeName = 'id', Type = 'String' } = membersOf(PrimaryKey);
  return {
    ...resource,
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      ...rest,
      AttributeDefinitions: [{ AttributeName, AttributeType: ATTRIBUTE_TYPES[String(Type)] ?? Type }],
      KeySchema: [{ AttributeName, KeyType: 'HASH' }],
      ...(ProvisionedThroughput === undefined ? { BillingMode: 'PAY_PER_REQUEST' } : { ProvisionedThroughput }),
      ...(Tags === undefined ? {} : { Tags: [...tagList(Tags)] }),
    },
  };
};
