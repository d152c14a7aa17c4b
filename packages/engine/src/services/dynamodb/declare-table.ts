import type {
  AttributeDefinition,
  CreateTableCommandInput,
  KeySchemaElement,
  SSESpecification,
  StreamSpecification,
} from '@aws-sdk/client-dynamodb';
import { Constraints, type RequestContext } from '../../core/index.ts';
import { readBilling } from './billing.ts';
import { checkKeySchema, indexShape, KEY_ELEMENTS_MAX, keySchemaShape, names, readIndexes } from './declare-indexes.ts';
import { invalid, invalidValue } from './errors.ts';
import type { StoredIndex, StoredTable } from './table.ts';
import { checkTableName, tableArn } from './tables.ts';

/** The view type of the stream that is asked for; `undefined` when none is. */
export const readStream = (specification: StreamSpecification | undefined): string | undefined => {
  if (specification === undefined) return undefined;
  const { StreamEnabled: isEnabled, StreamViewType: viewType } = specification;
  new Constraints()
    .required('streamSpecification.streamEnabled', isEnabled)
    .oneOf('streamSpecification.streamViewType', viewType, [
      'NEW_IMAGE',
      'OLD_IMAGE',
      'NEW_AND_OLD_IMAGES',
      'KEYS_ONLY',
    ])
    .check();
  if (isEnabled === true && viewType === undefined) {
    throw invalidValue('StreamViewType must be specified when StreamEnabled is true');
  }
  if (isEnabled !== true && viewType !== undefined) {
    throw invalidValue('StreamViewType cannot be specified when StreamEnabled is false');
  }
  return viewType;
};

const AWS_MANAGED_KEY = 'alias/aws/dynamodb';

export const readEncryption = (specification: SSESpecification | undefined): StoredTable['encryption'] =>
  specification?.Enabled === true ? { keyId: specification.KMSMasterKeyId ?? AWS_MANAGED_KEY } : undefined;

const checkShape = (input: CreateTableCommandInput): void => {
  checkTableName(input.TableName);
  const constraints = new Constraints()
    .required('attributeDefinitions', input.AttributeDefinitions)
    .oneOf('billingMode', input.BillingMode, ['PROVISIONED', 'PAY_PER_REQUEST'])
    .oneOf('tableClass', input.TableClass, ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
  input.AttributeDefinitions?.forEach((definition, position) => {
    const path = `attributeDefinitions.${position + 1}.member`;
    constraints
      .required(`${path}.attributeName`, definition.AttributeName)
      .required(`${path}.attributeType`, definition.AttributeType)
      .oneOf(`${path}.attributeType`, definition.AttributeType, ['B', 'N', 'S']);
  });
  keySchemaShape(constraints, 'keySchema', input.KeySchema, KEY_ELEMENTS_MAX);
  input.LocalSecondaryIndexes?.forEach((index, position) => {
    indexShape(constraints, `localSecondaryIndexes.${position + 1}.member`, index, KEY_ELEMENTS_MAX);
  });
  input.GlobalSecondaryIndexes?.forEach((index, position) => {
    indexShape(constraints, `globalSecondaryIndexes.${position + 1}.member`, index);
  });
  constraints.check();
};

/** Reads CreateTable: everything is checked, nothing is changed. */
export const declareTable = (input: CreateTableCommandInput, context: RequestContext, id: string): StoredTable => {
  checkShape(input);
  readStream(input.StreamSpecification);
  const billing = readBilling(input.BillingMode, input.ProvisionedThroughput);
  const definitions = input.AttributeDefinitions as AttributeDefinition[];
  const keySchema = input.KeySchema as KeySchemaElement[];
  if (keySchema.length > definitions.length) {
    throw invalid('Invalid KeySchema: Some index key attribute have no definition');
  }
  checkKeySchema(keySchema, definitions);
  const indexes = readIndexes(input, billing.mode, definitions);
  checkDefinitionsUsed(keySchema, indexes, definitions);
  const name = input.TableName as string;
  return {
    id,
    arn: tableArn(name, context),
    name,
    account: context.account,
    region: context.region,
    createdAt: context.now,
    attributes: definitions,
    keySchema,
    indexes,
    billingMode: billing.mode,
    billingModeSetAt: billing.mode === 'PAY_PER_REQUEST' ? context.now : undefined,
    throughput: billing.throughput,
    onDemand: input.OnDemandThroughput,
    isDeletionProtected: input.DeletionProtectionEnabled === true,
    tableClass: input.TableClass,
    encryption: readEncryption(input.SSESpecification),
    tags: input.Tags ?? [],
  };
};

const checkDefinitionsUsed = (
  keySchema: readonly KeySchemaElement[],
  indexes: readonly StoredIndex[],
  definitions: readonly AttributeDefinition[],
): void => {
  const used = new Set([...keySchema, ...indexes.flatMap((index) => index.keySchema)].map((key) => key.AttributeName));
  if (definitions.every((definition) => used.has(definition.AttributeName))) return;
  if (indexes.length === 0) {
    throw invalidValue(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
  throw invalidValue(
    'Some AttributeDefinitions are not used. ' +
      `AttributeDefinitions: [${names(definitions)}], keys used: [${[...used].join(', ')}]`,
  );
};
