import type {
  AttributeDefinition,
  BillingMode,
  CreateTableCommandInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection,
} from '@aws-sdk/client-dynamodb';
import { Constraints, notSupported, refuseUnmodelled } from '../../core/index.ts';
import { readThroughput } from './billing.ts';
import { invalid, invalidValue } from './errors.ts';
import type { StoredIndex } from './table.ts';

const LOCAL_INDEXES_MAX = 5;
const GLOBAL_INDEXES_MAX = 20;

/** Of attributes, as errors list them. */
export const names = (elements: readonly { readonly AttributeName?: string | undefined }[]): string =>
  elements.map((element) => element.AttributeName).join(', ');

/** Checks what one element says of another, and that attributes are defined. */
export const checkKeySchema = (
  elements: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): void => {
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
/** Of a table or a local index. */
export const KEY_ELEMENTS_MAX = 2;
/** Of a global index, since November 2025: four of each type. More than two are refused by name. */
const GLOBAL_KEY_ELEMENTS_MAX = 8;

/** Adds what is wrong with the form of a key schema. */
export const keySchemaShape = (
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

/** Reads the indexes of CreateTable. */
export const readIndexes = (
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
    throw invalidValue(`Number of LocalSecondaryIndexes exceeds per-table limit of ${LOCAL_INDEXES_MAX}`);
  }
  if (globals.length > GLOBAL_INDEXES_MAX) {
    throw invalidValue(`GlobalSecondaryIndex count exceeds the per-table limit of ${GLOBAL_INDEXES_MAX}`);
  }
  return indexes;
};
