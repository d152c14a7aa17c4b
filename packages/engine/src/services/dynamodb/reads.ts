import type {
  GetItemCommandInput,
  GetItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  ReturnConsumedCapacity,
  ScanCommandInput,
  ScanCommandOutput,
  Select,
} from '@aws-sdk/client-dynamodb';
import { Constraints, type Result } from '../../core/index.ts';
import { type Item, takeItem } from './attribute-value.ts';
import { noConsumption, readUnits, reportConsumption } from './capacity.ts';
import { counted, invalid, invalidValue } from './errors.ts';
import { ExpressionBinder } from './expressions/bind.ts';
import type { BoundCondition, ExpressionParameters, Path } from './expressions/bound.ts';
import { eachPath } from './expressions/evaluate.ts';
import { readKeyCondition } from './expressions/key-condition.ts';
import { projectPaths } from './expressions/project.ts';
import { checkKey, keyNames, type OrderRange, queryRange, rangeAfter, rowKeyOf, segmentRange } from './key-schema.ts';
import { answerPage } from './read-page.ts';
import { startingKeyInvalid, startKeyOrder } from './start-key.ts';
import type { SecondaryIndex, Table } from './table.ts';
import type { OpenTable } from './tables.ts';
import { checkConditionPaths, checkNestedPath, type Judged, refuseWithoutExpression } from './write-plans.ts';

type ProjectionParameters = Pick<ExpressionParameters, 'ExpressionAttributeNames'> & {
  readonly ProjectionExpression?: string | undefined;
};

/** Binds a projection that stands alone: GetItem, BatchGetItem, TransactGetItems. */
export const judgeProjection = (input: ProjectionParameters): Judged<readonly Path[] | undefined> => {
  const names: ExpressionParameters =
    input.ExpressionAttributeNames === undefined ? {} : { ExpressionAttributeNames: input.ExpressionAttributeNames };
  if (input.ProjectionExpression === undefined) {
    refuseWithoutExpression(names, 'ProjectionExpression is');
    return () => undefined;
  }
  const binder = new ExpressionBinder(names);
  const paths = binder.projection(input.ProjectionExpression);
  binder.checkAllUsed();
  return (table) => {
    checkProjectionPaths(table, paths);
    return paths;
  };
};

const checkProjectionPaths = (table: Table, paths: readonly Path[] | undefined): void => {
  for (const path of paths ?? []) if (path.length > 1) checkNestedPath(table, path[0] as string);
};

export const checkCapacityMode = (mode: ReturnConsumedCapacity | undefined): void => {
  if (mode === undefined) return;
  new Constraints().oneOf('returnConsumedCapacity', mode, ['INDEXES', 'TOTAL', 'NONE']).check();
};

/** Identity of the item with this key, checked against the table's schema. */
export const judgeKey = (key: Item | undefined): Judged<string> => {
  if (key === undefined) new Constraints().required('key', key).check();
  const taken = takeItem(key as Item).item;
  return ({ schema }) => {
    checkKey(taken, schema);
    return rowKeyOf(taken, schema);
  };
};

export const getItem = (open: OpenTable, input: GetItemCommandInput): Result<GetItemCommandOutput> => {
  checkCapacityMode(input.ReturnConsumedCapacity);
  const judgedProjection = judgeProjection(input);
  const judgedKey = judgeKey(input.Key);
  const table = open();
  const projection = judgedProjection(table);
  const rowKey = judgedKey(table);
  const row = table.rows.get(rowKey);
  const result: Result<GetItemCommandOutput> = {};
  if (row !== undefined) result.Item = projection === undefined ? row.item : projectPaths(row.item, projection);
  if (input.ReturnConsumedCapacity !== undefined) {
    const consumption = noConsumption();
    consumption.table = readUnits(row?.bytes ?? 0, input.ConsistentRead === true);
    const report = reportConsumption(input.ReturnConsumedCapacity, table, input.TableName as string, consumption);
    if (report !== undefined) result.ConsumedCapacity = report;
  }
  return result;
};

const chooseIndex = (table: Table, name: string | undefined, isConsistent: boolean): SecondaryIndex | undefined => {
  if (name === undefined) return undefined;
  new Constraints()
    .length('indexName', name, 3, 255)
    .pattern('indexName', name, /^[a-zA-Z0-9_.-]*$/)
    .check();
  const index = table.indexes.get(name);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${name}`);
  if (index.stored.isGlobal && isConsistent) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  return index;
};

/** What a request wants selected, as far as it can be judged without its table. */
const judgeSelect = (input: QueryCommandInput | ScanCommandInput): void => {
  const { Select: select, IndexName } = input;
  const hasProjection = input.ProjectionExpression !== undefined;
  if (select === 'SPECIFIC_ATTRIBUTES' && !hasProjection) {
    throw invalid('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  }
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES' && hasProjection) {
    const what = select === 'COUNT' ? 'only the Count' : select;
    throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${what}`);
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && IndexName === undefined) {
    throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
};

const chooseSelect = (select: Select | undefined, index: SecondaryIndex | undefined): Select => {
  if (select === 'ALL_ATTRIBUTES' && index?.stored.isGlobal === true && index.projected !== undefined) {
    throw invalidValue(
      'Select type ALL_ATTRIBUTES is not supported for global secondary index ' +
        `${index.stored.name} because its projection type is not ALL`,
    );
  }
  return select ?? (index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES');
};

const checkProjectedByGlobal = (index: SecondaryIndex | undefined, paths: readonly Path[] | undefined): void => {
  const projected = index?.projected;
  if (index === undefined || projected === undefined || !index.stored.isGlobal || paths === undefined) return;
  const missing = paths.map((path) => path[0] as string).filter((name) => !projected.has(name));
  if (missing.length === 0) return;
  throw invalidValue(`Global secondary index ${index.stored.name} does not project [${missing.join(', ')}]`);
};

const SELECTS = ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'];

const checkCommon = (input: QueryCommandInput | ScanCommandInput): void => {
  checkCapacityMode(input.ReturnConsumedCapacity);
  if (input.Select === undefined && input.Limit === undefined) return;
  new Constraints()
    .oneOf('select', input.Select, SELECTS)
    .range('limit', input.Limit, 1, 2 ** 31 - 1)
    .check();
};

/** What a query asks for, in order by itself. */
const judgeQuery = (input: QueryCommandInput) => {
  counted(() => judgeSelect(input));
  if (input.KeyConditionExpression === undefined) {
    throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  }
  const binder = new ExpressionBinder(input);
  const keyExpression = binder.condition('KeyConditionExpression', input.KeyConditionExpression);
  const filter =
    input.FilterExpression === undefined ? undefined : binder.condition('FilterExpression', input.FilterExpression);
  const projection =
    input.ProjectionExpression === undefined ? undefined : binder.projection(input.ProjectionExpression);
  binder.checkAllUsed();
  return { keyExpression, filter, projection };
};

export const query = (open: OpenTable, input: QueryCommandInput): Result<QueryCommandOutput> => {
  checkCommon(input);
  const { keyExpression, filter, projection } = judgeQuery(input);
  const isConsistent = input.ConsistentRead === true;
  const table = open();
  const index = chooseIndex(table, input.IndexName, isConsistent);
  const select = chooseSelect(input.Select, index);
  const schema = (index ?? table).schema;
  const condition = readKeyCondition(keyExpression, schema);
  checkProjectionPaths(table, projection);
  checkProjectedByGlobal(index, projection);
  checkFilter(table, filter, keyNames(schema));
  const isForward = input.ScanIndexForward !== false;
  let range = queryRange(condition.partitionValue, condition.sort);
  if (input.ExclusiveStartKey !== undefined) {
    const order = startKeyOrder(table, index, input.ExclusiveStartKey);
    if (order < range.from || (range.to !== undefined && order >= range.to)) {
      throw invalid(
        condition.sort === undefined
          ? 'The provided starting key is outside query boundaries based on provided conditions'
          : 'The provided starting key does not match the range key predicate',
      );
    }
    range = rangeAfter(range, order, isForward);
  }
  const limit = input.Limit ?? Number.POSITIVE_INFINITY;
  return answerPage(input, { table, index, range, isForward, limit, filter, projection, select, isConsistent });
};

/** A query's filter may look at everything but the keys that its key condition is about. */
const checkFilter = (table: Table, filter: BoundCondition | undefined, names: readonly string[]): void => {
  if (filter === undefined) return;
  eachPath(filter, (path) => {
    const name = path[0] as string;
    if (!names.includes(name)) return;
    throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
  });
  checkConditionPaths(table, filter);
};

const SEGMENTS_MAX = 1_000_000;

const scanRange = ({ Segment, TotalSegments }: ScanCommandInput): OrderRange => {
  if (Segment === undefined && TotalSegments === undefined) return { from: '', to: undefined };
  new Constraints()
    .range('segment', Segment, 0, SEGMENTS_MAX - 1)
    .range('totalSegments', TotalSegments, 1, SEGMENTS_MAX)
    .check();
  if (TotalSegments === undefined) {
    throw invalid(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  }
  if (Segment === undefined) {
    throw invalid(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  }
  if (Segment >= TotalSegments) {
    throw invalid(
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        `Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  }
  return segmentRange(Segment, TotalSegments);
};

export const scan = (open: OpenTable, input: ScanCommandInput): Result<ScanCommandOutput> => {
  checkCommon(input);
  let range = scanRange(input);
  judgeSelect(input);
  let filter: BoundCondition | undefined;
  let projection: readonly Path[] | undefined;
  if (input.FilterExpression === undefined && input.ProjectionExpression === undefined) {
    refuseWithoutExpression(input, 'FilterExpression is');
  } else {
    const binder = new ExpressionBinder(input);
    if (input.FilterExpression !== undefined) filter = binder.condition('FilterExpression', input.FilterExpression);
    if (input.ProjectionExpression !== undefined) projection = binder.projection(input.ProjectionExpression);
    binder.checkAllUsed();
  }
  const isConsistent = input.ConsistentRead === true;
  const table = open();
  const index = chooseIndex(table, input.IndexName, isConsistent);
  const select = chooseSelect(input.Select, index);
  checkProjectionPaths(table, projection);
  checkProjectedByGlobal(index, projection);
  checkConditionPaths(table, filter);
  if (input.ExclusiveStartKey !== undefined) {
    const order = startKeyOrder(table, index, input.ExclusiveStartKey);
    if (order < range.from || (range.to !== undefined && order >= range.to)) {
      throw startingKeyInvalid(
        'Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. ' +
          `TotalSegments: ${input.TotalSegments} Segment: ${input.Segment}`,
      );
    }
    range = rangeAfter(range, order, true);
  }
  const limit = input.Limit ?? Number.POSITIVE_INFINITY;
  return answerPage(input, { table, index, range, isForward: true, limit, filter, projection, select, isConsistent });
};
