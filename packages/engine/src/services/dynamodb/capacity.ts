import type { Capacity, ConsumedCapacity, ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { type Item, itemsEqual, measure } from './attribute-value.ts';
import type { SecondaryIndex, Table } from './table.ts';

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

/** Reading something that is not there costs as much as the smallest item. */
export const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (isConsistent ? 1 : 0.5);

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

/** Capacity units of one table in one request. */
export interface Consumption {
  table: number;
  readonly indexes: Map<string, number>;
}

export const noConsumption = (): Consumption => ({ table: 0, indexes: new Map() });

export const addToIndex = (consumption: Consumption, index: string, units: number): void => {
  if (units > 0) consumption.indexes.set(index, (consumption.indexes.get(index) ?? 0) + units);
};

const indexWriteUnits = (index: SecondaryIndex, before: Item | undefined, after: Item | undefined): number => {
  const from = before === undefined ? undefined : index.orderKey(before, '');
  const to = after === undefined ? undefined : index.orderKey(after, '');
  const unitsOf = (item: Item): number => writeUnits(measure(index.project(item)).bytes);
  const removal = before === undefined || from === undefined ? 0 : unitsOf(before);
  const addition = after === undefined || to === undefined ? 0 : unitsOf(after);
  if (from !== to || before === undefined || after === undefined) return removal + addition;
  if (from === undefined || itemsEqual(index.project(before), index.project(after))) return 0;
  return Math.max(removal, addition);
};

/**
 * What a write costs: the larger of old and new item, and for every index one write per entry added, removed or
 * changed. A failed condition costs the table's part.
 */
export const addWrite = (
  consumption: Consumption,
  table: Table,
  before: Item | undefined,
  after: Item | undefined,
): void => {
  const bytes = Math.max(
    before === undefined ? 0 : measure(before).bytes,
    after === undefined ? 0 : measure(after).bytes,
  );
  consumption.table += writeUnits(bytes);
  for (const [name, index] of table.indexes) addToIndex(consumption, name, indexWriteUnits(index, before, after));
};

/** Members that a request's answer carries, by how much the caller wants to know. */
export const reportConsumption = (
  mode: ReturnConsumedCapacity | undefined,
  table: Table,
  tableName: string,
  consumption: Consumption,
  kind?: 'ReadCapacityUnits' | 'WriteCapacityUnits',
): ConsumedCapacity | undefined => {
  if (mode === undefined || mode === 'NONE') return undefined;
  let total = consumption.table;
  for (const units of consumption.indexes.values()) total += units;
  const capacity = (units: number): Capacity => ({
    CapacityUnits: units,
    ...(kind === undefined ? {} : { [kind]: units }),
  });
  const report: ConsumedCapacity = { TableName: tableName, ...capacity(total) };
  if (mode !== 'INDEXES') return report;
  report.Table = capacity(consumption.table);
  for (const [name, units] of consumption.indexes) {
    const isGlobal = table.indexes.get(name)?.stored.isGlobal === true;
    const member = isGlobal ? 'GlobalSecondaryIndexes' : 'LocalSecondaryIndexes';
    report[member] = { ...report[member], [name]: capacity(units) };
  }
  return report;
};
