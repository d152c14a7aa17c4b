import type {
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
  Select,
} from '@aws-sdk/client-dynamodb';
import type { Result } from '../../core/index.ts';
import type { Item } from './attribute-value.ts';
import { type Consumption, noConsumption, readUnits, reportConsumption } from './capacity.ts';
import type { BoundCondition, Path } from './expressions/bound.ts';
import { matches } from './expressions/evaluate.ts';
import { projectPaths } from './expressions/project.ts';
import { keyOf, type OrderRange } from './key-schema.ts';
import type { Row, SecondaryIndex, Table } from './table.ts';

/** A page ends when the items read for it reach this size. */
const PAGE_BYTES_MAX = 1024 * 1024;

/** What Query and Scan have in common, read from the request. */
export interface Reading {
  readonly table: Table;
  readonly index: SecondaryIndex | undefined;
  readonly range: OrderRange;
  readonly isForward: boolean;
  readonly limit: number;
  readonly filter: BoundCondition | undefined;
  readonly projection: readonly Path[] | undefined;
  readonly select: Select;
  readonly isConsistent: boolean;
}

interface Page {
  readonly items: Item[];
  readonly count: number;
  readonly scannedCount: number;
  readonly lastEvaluatedKey: Item | undefined;
  readonly consumption: Consumption;
}

const readPage = (reading: Reading): Page => {
  const { table, index, filter, limit } = reading;
  const items: Item[] = [];
  const wantsItems = reading.select !== 'COUNT';
  let count = 0;
  let scannedCount = 0;
  let bytes = 0;
  let fetchedUnits = 0;
  let last: Row | undefined;
  const fetchesFromTable = fetchesBeyondIndex(reading);
  const source = index === undefined ? table.order : index.rows;
  source.walk(reading.range.from, reading.range.to, reading.isForward, (row) => {
    scannedCount += 1;
    bytes += row.bytes;
    if (fetchesFromTable) fetchedUnits += readUnits(row.bytes, reading.isConsistent);
    const seen = index?.stored.isGlobal === true ? index.project(row.item) : row.item;
    if (filter === undefined || matches(filter, seen)) {
      count += 1;
      if (wantsItems) items.push(shape(reading, row));
    }
    if (scannedCount < limit && bytes < PAGE_BYTES_MAX) return true;
    last = row;
    return false;
  });
  const consumption = noConsumption();
  const units = readUnits(bytes, reading.isConsistent);
  if (index === undefined) consumption.table = units;
  else {
    consumption.indexes.set(index.stored.name, units);
    consumption.table = fetchedUnits;
  }
  const schemas = index === undefined ? [table.schema] : [index.schema, table.schema];
  const lastEvaluatedKey = last === undefined ? undefined : keyOf(last.item, schemas);
  return { items, count, scannedCount, lastEvaluatedKey, consumption };
};

/** Only a local index goes back to the table for what it does not carry. */
const fetchesBeyondIndex = ({ index, select, projection }: Reading): boolean => {
  const projected = index?.projected;
  if (projected === undefined) return false;
  if (select === 'ALL_ATTRIBUTES') return true;
  return projection?.some((path) => !projected.has(path[0] as string)) ?? false;
};

const shape = ({ index, projection, select }: Reading, row: Row): Item => {
  if (projection !== undefined) return projectPaths(row.item, projection);
  return index === undefined || select === 'ALL_ATTRIBUTES' ? row.item : index.project(row.item);
};

export const answerPage = (
  input: QueryCommandInput | ScanCommandInput,
  reading: Reading,
): Result<QueryCommandOutput & ScanCommandOutput> => {
  const page = readPage(reading);
  const result: Result<QueryCommandOutput> = { Count: page.count, ScannedCount: page.scannedCount };
  if (reading.select !== 'COUNT') result.Items = page.items;
  if (page.lastEvaluatedKey !== undefined) result.LastEvaluatedKey = page.lastEvaluatedKey;
  const report = reportConsumption(
    input.ReturnConsumedCapacity,
    reading.table,
    input.TableName as string,
    page.consumption,
  );
  if (report !== undefined) result.ConsumedCapacity = report;
  return result;
};
