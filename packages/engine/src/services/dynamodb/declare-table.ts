import type {
  AttributeDefinition,
  BillingMode,
  CreateTableCommandInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection,
  ProvisionedThroughput,
  SSESpecification,
  StreamSpecification,
} from '@aws-sdk/client-dynamodb';
import { Constraints, notSupported, type RequestContext, refuseUnmodelled } from '../../core/index.ts';
import { invalid, invalidValue } from './errors.ts';
import type { StoredIndex, StoredTable, StoredThroughput } from './table.ts';
import { checkTableName, tableArn } from './tables.ts';

const LOCAL_INDEXES_MAX = 5;
const GLOBAL_INDEXES_MAX = 20;

/** What billing mode and throughput come to. */
export interface Billing {
  readonly mode: BillingMode;
  readonly throughput: StoredThroughput;
}

const NO_THROUGHPUT: StoredThroughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

const readThroughput = (throughput: ProvisionedThroughput): StoredThroughput => {
  new Constraints()
    .required('provisionedThroughput.readCapacityUnits', throughput.ReadCapacityUnits)
    .required('provisionedThroughput.writeCapacityUnits', throughput.WriteCapacityUnits)
    .range('provisionedThroughput.readCapacityUnits', throughput.ReadCapacityUnits, 1, Number.MAX_SAFE_INTEGER)
    .range('provisionedThroughput.writeCapacityUnits', throughput.WriteCapacityUnits, 1, Number.MAX_SAFE_INTEGER)
    .check();
  return {
    ReadCapacityUnits: throughput.ReadCapacityUnits as number,
    WriteCapacityUnits: throughput.WriteCapacityUnits as number,
  };
};

/** Throughput belongs to PROVISIONED and only to it. */
export const readBilling = (mode: BillingMode | undefined, throughput: ProvisionedThroughput | undefined): Billing => {
  if (mode === 'PAY_PER_REQUEST') {
    if (throughput !== undefined) {
      throw invalidValue(
        'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    }
    return { mode, throughput: NO_THROUGHPUT };
  }
  if (throughput === undefined) {
    throw invalidValue(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  return { mode: 'PROVISIONED', throughput: readThroughput(throughput) };
};

const names = (elements: readonly { readonly AttributeName?: string | undefined }[]): string =>
  elements.map((element) => element.AttributeName).join(', ');

const checkKeySchema = (elements: readonly KeySchemaElement[], definitions: readonly AttributeDefinition[]): void => {
  const defined = new Set(definitions.map((definition) => definition.AttributeName));
  if (elements.some((element) => !defined.has(element.AttributeName))) {
    throw invalidValue(
      'Some index key attributes are not defined in AttributeDefinitions. ' +
        `Keys: [${names(elements)}], AttributeDefinitions: [${names(definitions)}]`,
    );
  }
  const [first, second] = elements;
  if (second !== undefined && first?.AttributeName === second.AttributeName) {
    throw invalid('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  if (first?.KeyType !== 'HASH') {
    throw invalid('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (second !== undefined && second.KeyType !== 'RANGE') {
    throw invalid('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
};

const readProjection = (projection: Projection | undefined): Projection => {
  const type = projection?.ProjectionType;
  if (type === undefined) throw invalidValue('Unknown ProjectionType: null');
  new Constraints().oneOf('projection.projectionType', type, ['ALL', 'INCLUDE', 'KEYS_ONLY']).check();
  const attributes = projection?.NonKeyAttributes;
  if (attributes !== undefined && type !== 'INCLUDE') {
    throw invalidValue(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (attributes === undefined && type === 'INCLUDE') {
    throw invalidValue('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  return attributes === undefined ? { ProjectionType: type } : { ProjectionType: type, NonKeyAttributes: attributes };
};

const KEY_TYPES = ['HASH', 'RANGE'];
const KEY_ELEMENTS_MAX = 2;
/** Of a global index, since November 2025: four of each type. More than two are refused by name. */
const GLOBAL_KEY_ELEMENTS_MAX = 8;

const keySchemaShape = (
  constraints: Constraints,
  path: string,
  elements: readonly KeySchemaElement[] | undefined,
  elementsMax: number,
): void => {
  constraints.required(path, elements).length(path, elements?.map(shownElement), 1, elementsMax);
  elements?.forEach((element, position) => {
    constraints.oneOf(`${path}.${position + 1}.member.keyType`, element.KeyType, KEY_TYPES);
  });
};

/** Adds what is wrong with the form of an index; `path` reads `globalSecondaryIndexes.1.member`. */
export const indexShape = (
  constraints: Constraints,
  path: string,
  index: LocalSecondaryIndex | GlobalSecondaryIndex,
  elementsMax = GLOBAL_KEY_ELEMENTS_MAX,
): void => {
  constraints
    .required(`${path}.indexName`, index.IndexName)
    .length(`${path}.indexName`, index.IndexName, 3, 255)
    .pattern(`${path}.indexName`, index.IndexName, /^[a-zA-Z0-9_.-]*$/, '[a-zA-Z0-9_.-]+');
  keySchemaShape(constraints, `${path}.keySchema`, index.KeySchema, elementsMax);
};

const shownElement = (element: KeySchemaElement): string =>
  `KeySchemaElement(attributeName=${element.AttributeName}, keyType=${element.KeyType})`;

const readLocalIndex = (
  index: LocalSecondaryIndex,
  tableKeys: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): StoredIndex => {
  refuseUnmodelled(index, ['IndexName', 'KeySchema', 'Projection'], 'LocalSecondaryIndexes');
  const keySchema = index.KeySchema as KeySchemaElement[];
  checkKeySchema(keySchema, definitions);
  if (keySchema.length !== 2) {
    throw invalidValue(`Index KeySchema does not have a range key for index: ${index.IndexName}`);
  }
  const [indexHash, tableHash] = [keySchema[0]?.AttributeName, tableKeys[0]?.AttributeName];
  if (indexHash !== tableHash) {
    throw invalidValue(
      'Index KeySchema does not have the same leading hash key as table KeySchema for index: ' +
        `${index.IndexName}. index hash key: ${indexHash}, table hash key: ${tableHash}`,
    );
  }
  return { name: index.IndexName as string, isGlobal: false, keySchema, projection: readProjection(index.Projection) };
};

const GLOBAL_INDEX_MEMBERS = ['IndexName', 'KeySchema', 'Projection', 'ProvisionedThroughput', 'OnDemandThroughput'];

/** Reads a global index of CreateTable or UpdateTable. */
export const readGlobalIndex = (
  index: GlobalSecondaryIndex,
  mode: BillingMode,
  definitions: readonly AttributeDefinition[],
): StoredIndex => {
  refuseUnmodelled(index, GLOBAL_INDEX_MEMBERS, 'GlobalSecondaryIndexes');
  if ((index.KeySchema?.length ?? 0) > KEY_ELEMENTS_MAX) {
    throw notSupported('global secondary indexes with more than two key attributes');
  }
  const keySchema = index.KeySchema as KeySchemaElement[];
  checkKeySchema(keySchema, definitions);
  const projection = readProjection(index.Projection);
  if (mode === 'PAY_PER_REQUEST' && index.ProvisionedThroughput !== undefined) {
    throw invalidValue(
      `ProvisionedThroughput should not be specified for index: ${index.IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  }
  if (mode === 'PROVISIONED' && index.ProvisionedThroughput === undefined) {
    throw invalidValue(`ProvisionedThroughput must be specified for index: ${index.IndexName}`);
  }
  return {
    name: index.IndexName as string,
    isGlobal: true,
    keySchema,
    projection,
    throughput: index.ProvisionedThroughput === undefined ? undefined : readThroughput(index.ProvisionedThroughput),
    onDemand: index.OnDemandThroughput,
  };
};

const readIndexes = (
  input: CreateTableCommandInput,
  mode: BillingMode,
  definitions: readonly AttributeDefinition[],
): StoredIndex[] => {
  const keySchema = input.KeySchema as KeySchemaElement[];
  const locals = input.LocalSecondaryIndexes ?? [];
  const globals = input.GlobalSecondaryIndexes ?? [];
  if (input.LocalSecondaryIndexes?.length === 0) throw invalidValue('List of LocalSecondaryIndexes is empty');
  if (input.GlobalSecondaryIndexes?.length === 0) throw invalidValue('List of GlobalSecondaryIndexes is empty');
  if (locals.length > 0 && keySchema.length !== 2) {
    throw invalidValue(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  }
  const indexes = [
    ...locals.map((index) => readLocalIndex(index, keySchema, definitions)),
    ...globals.map((index) => readGlobalIndex(index, mode, definitions)),
  ];
  const seen = new Set<string>();
  for (const { name } of indexes) {
    if (seen.has(name)) throw invalidValue(`Duplicate index name: ${name}`);
    seen.add(name);
  }
  if (locals.length > LOCAL_INDEXES_MAX) {
    throw invalidValue('Number of LocalSecondaryIndexes exceeds per-table limit of 5');
  }
  if (globals.length > GLOBAL_INDEXES_MAX) {
    throw invalidValue('GlobalSecondaryIndex count exceeds the per-table limit of 20');
  }
  return indexes;
};

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
