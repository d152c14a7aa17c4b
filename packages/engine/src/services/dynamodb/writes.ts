import type {
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  ReturnValue,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '@holdfast/kernel';
import { Constraints, notSupported, type Result } from '../../core/index.ts';
import type { Item } from './attribute-value.ts';
import { addWrite, noConsumption, reportConsumption } from './capacity.ts';
import { counted, invalid } from './errors.ts';
import { projectPaths } from './expressions/project.ts';
import type { Table } from './table.ts';
import type { OpenTable, Tables } from './tables.ts';
import {
  type Expressions,
  executePlan,
  judgeDelete,
  judgePut,
  judgeUpdate,
  type UpdatePlan,
  type Written,
} from './write-plans.ts';

/** Options that every single write has. */
interface WriteOptions {
  readonly TableName: string | undefined;
  readonly ReturnValues?: ReturnValue | undefined;
  readonly ReturnConsumedCapacity?: 'INDEXES' | 'TOTAL' | 'NONE' | undefined;
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE' | undefined;
}

const RETURN_VALUES = ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW'];

const checkOptions = (input: WriteOptions & Expressions): void => {
  const { ReturnValues, ReturnConsumedCapacity, ReturnItemCollectionMetrics } = input;
  if (
    ReturnValues === undefined &&
    ReturnConsumedCapacity === undefined &&
    ReturnItemCollectionMetrics === undefined &&
    input.ReturnValuesOnConditionCheckFailure === undefined
  ) {
    return;
  }
  new Constraints()
    .oneOf('returnConsumedCapacity', ReturnConsumedCapacity, ['INDEXES', 'TOTAL', 'NONE'])
    .oneOf('returnItemCollectionMetrics', ReturnItemCollectionMetrics, ['SIZE', 'NONE'])
    .oneOf('returnValues', ReturnValues, RETURN_VALUES)
    .oneOf('returnValuesOnConditionCheckFailure', input.ReturnValuesOnConditionCheckFailure, ['ALL_OLD', 'NONE'])
    .check();
  if (ReturnItemCollectionMetrics === 'SIZE') throw notSupported('ReturnItemCollectionMetrics SIZE');
};

const onlyOldValues = ({ ReturnValues }: WriteOptions): void => {
  if (ReturnValues === undefined || ReturnValues === 'ALL_OLD' || ReturnValues === 'NONE') return;
  throw invalid('ReturnValues can only be ALL_OLD or NONE');
};

const answer = (
  input: WriteOptions,
  table: Table,
  written: Written,
  attributes: Item | undefined,
): Result<PutItemCommandOutput & DeleteItemCommandOutput & UpdateItemCommandOutput> => {
  const wantsCapacity = input.ReturnConsumedCapacity === 'TOTAL' || input.ReturnConsumedCapacity === 'INDEXES';
  const result: Result<PutItemCommandOutput> = {};
  if (attributes !== undefined) result.Attributes = attributes;
  if (wantsCapacity) {
    const consumption = noConsumption();
    addWrite(consumption, table, written.before, written.after);
    const report = reportConsumption(input.ReturnConsumedCapacity, table, input.TableName as string, consumption);
    if (report !== undefined) result.ConsumedCapacity = report;
  }
  return result;
};

export const putItem = (
  tables: Tables,
  open: OpenTable,
  input: PutItemCommandInput,
  now: EpochMs,
): Result<PutItemCommandOutput> => {
  checkOptions(input);
  onlyOldValues(input);
  const plan = counted(() => judgePut(input))(open());
  const written = executePlan(tables, plan, now);
  return answer(input, plan.table, written, input.ReturnValues === 'ALL_OLD' ? written.before : undefined);
};

export const deleteItem = (
  tables: Tables,
  open: OpenTable,
  input: DeleteItemCommandInput,
  now: EpochMs,
): Result<DeleteItemCommandOutput> => {
  checkOptions(input);
  onlyOldValues(input);
  const plan = counted(() => judgeDelete(input))(open());
  const written = executePlan(tables, plan, now);
  return answer(input, plan.table, written, input.ReturnValues === 'ALL_OLD' ? written.before : undefined);
};

const updateAttributes = (
  wanted: ReturnValue | undefined,
  { actions }: UpdatePlan,
  { before, after }: Written,
): Item | undefined => {
  const part = (item: Item | undefined): Item | undefined => {
    const found =
      item === undefined
        ? {}
        : projectPaths(
            item,
            actions.map((action) => action.path),
          );
    return Object.keys(found).length === 0 ? undefined : found;
  };
  switch (wanted) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return part(before);
    case 'UPDATED_NEW':
      return part(after);
    default:
      return undefined;
  }
};

export const updateItem = (
  tables: Tables,
  open: OpenTable,
  input: UpdateItemCommandInput,
  now: EpochMs,
): Result<UpdateItemCommandOutput> => {
  checkOptions(input);
  const plan = counted(() => judgeUpdate(input))(open());
  const written = executePlan(tables, plan, now);
  return answer(input, plan.table, written, updateAttributes(input.ReturnValues, plan, written));
};
