import type { ReturnValuesOnConditionCheckFailure } from '@aws-sdk/client-dynamodb';
import { type EpochMs, memberOf } from '@holdfast/kernel';
import { Constraints, ServiceError } from '../../core/index.ts';
import { ITEM_BYTES_MAX, type Item, measure, type Taken, takeItem } from './attribute-value.ts';
import { invalid, invalidValue } from './errors.ts';
import { applyUpdate } from './expressions/apply-update.ts';
import { ExpressionBinder } from './expressions/bind.ts';
import type { BoundAction, BoundCondition, ExpressionParameters } from './expressions/bound.ts';
import { eachPath, matches } from './expressions/evaluate.ts';
import { checkIndexKey, checkItemKey, checkKey, keyNames, rowKeyOf } from './key-schema.ts';
import type { Row, Table } from './table.ts';
import type { Tables } from './tables.ts';

/** What a write will do to one item, checked as far as that goes without looking at the item. */
export interface WritePlan {
  readonly table: Table;
  /** Identity of the item within the table. */
  readonly rowKey: string;
  readonly condition: BoundCondition | undefined;
  readonly onConditionFailure: ReturnValuesOnConditionCheckFailure | undefined;
  /** The item afterwards; `undefined` deletes, `'unchanged'` only checks the condition. */
  next(current: Item | undefined): Taken | undefined | 'unchanged';
}

/** The members of a write that its condition reads. */
export type Expressions = ExpressionParameters & {
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
};

/** Binds the condition and complains about names and values that nothing uses. */
const bindCondition = (expressions: Expressions): BoundCondition | undefined => {
  if (expressions.ConditionExpression === undefined) {
    refuseWithoutExpression(expressions, 'ConditionExpression is');
    return undefined;
  }
  const binder = new ExpressionBinder(expressions);
  const condition = binder.condition('ConditionExpression', expressions.ConditionExpression);
  binder.checkAllUsed();
  return condition;
};

/** Names and values make no sense without an expression. `absent` reads `ConditionExpression is`. */
export const refuseWithoutExpression = (parameters: ExpressionParameters, absent: string): void => {
  if (parameters.ExpressionAttributeNames !== undefined) {
    throw invalid('ExpressionAttributeNames can only be specified when using expressions');
  }
  if (parameters.ExpressionAttributeValues !== undefined) {
    throw invalid(`ExpressionAttributeValues can only be specified when using expressions: ${absent} null`);
  }
};

/** A key attribute is a scalar: no condition can look inside it. */
export const checkConditionPaths = (table: Table, condition: BoundCondition | undefined): void => {
  if (condition === undefined) return;
  eachPath(condition, (path) => {
    if (path.length > 1) checkNestedPath(table, path[0] as string);
  });
};

/** @throws ServiceError when the attribute is part of a key of the table or an index */
export const checkNestedPath = (table: Table, attribute: string): void => {
  const rule = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed";
  if (keyNames(table.schema).includes(attribute)) throw invalid(`${rule}: Key: ${attribute}`);
  for (const index of table.indexes.values()) {
    if (keyNames(index.schema).includes(attribute)) throw invalid(`${rule}: IndexKey: ${attribute}`);
  }
};

/** A request that is in order by itself; what it means for its table is a plan. @throws ServiceError when it does not fit */
export type Judged<Plan = WritePlan> = (table: Table) => Plan;

export const judgePut = (input: Expressions & { readonly Item?: Item | undefined }): Judged => {
  new Constraints().required('item', input.Item).check();
  const taken = takeItem(input.Item as Item);
  const condition = bindCondition(input);
  return (table) => {
    if (taken.bytes > ITEM_BYTES_MAX) throw invalid('Item size has exceeded the maximum allowed size');
    checkConditionPaths(table, condition);
    checkItemKey(taken.item, table.schema);
    for (const [name, index] of table.indexes) checkIndexKey(taken.item, index.schema, name);
    return {
      table,
      rowKey: rowKeyOf(taken.item, table.schema),
      condition,
      onConditionFailure: input.ReturnValuesOnConditionCheckFailure,
      next: () => taken,
    };
  };
};

const takeKey = (key: Item | undefined): Item => {
  new Constraints().required('key', key).check();
  return takeItem(key as Item).item;
};

export const judgeDelete = (input: Expressions & { readonly Key?: Item | undefined }): Judged => {
  const condition = bindCondition(input);
  const key = takeKey(input.Key);
  return (table) => {
    checkKey(key, table.schema);
    checkConditionPaths(table, condition);
    return {
      table,
      rowKey: rowKeyOf(key, table.schema),
      condition,
      onConditionFailure: input.ReturnValuesOnConditionCheckFailure,
      next: () => undefined,
    };
  };
};

/** A transaction's condition on an item it does not change. */
export const judgeCheck = (input: Expressions & { readonly Key?: Item | undefined }): Judged => {
  const judged = judgeDelete(input);
  return (table) => ({ ...judged(table), next: () => 'unchanged' });
};

const checkActions = (table: Table, actions: readonly BoundAction[]): void => {
  const keys = keyNames(table.schema);
  for (const { path } of actions) {
    const name = path[0] as string;
    if (keys.includes(name)) {
      throw invalidValue(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
    if (path.length > 1) checkNestedPath(table, name);
  }
};

const updated = (table: Table, base: Item, actions: readonly BoundAction[]): Taken => {
  const item = applyUpdate(base, actions);
  for (const [name, index] of table.indexes) checkUpdatedIndexKey(item, index.schema, name);
  const { bytes, hasBinary } = measure(item);
  if (bytes > ITEM_BYTES_MAX) throw invalid('Item size to update has exceeded the maximum allowed size');
  return { item, bytes, hasBinary };
};

const checkUpdatedIndexKey = (...[item, schema, name]: Parameters<typeof checkIndexKey>): void => {
  for (const attribute of [schema.partition, schema.sort]) {
    const value = attribute === undefined ? undefined : memberOf(item, attribute.name);
    if (attribute === undefined || value === undefined || value[attribute.type] !== undefined) continue;
    throw invalid('The update expression attempted to update the secondary index key to unsupported type');
  }
  checkIndexKey(item, schema, name);
};

/** An update, with the paths it touches. */
export interface UpdatePlan extends WritePlan {
  readonly actions: readonly BoundAction[];
}

export const judgeUpdate = (
  input: Expressions & { readonly Key?: Item | undefined; readonly UpdateExpression?: string | undefined },
): Judged<UpdatePlan> => {
  const { UpdateExpression: update, ConditionExpression: condition } = input;
  let actions: readonly BoundAction[] = [];
  let boundCondition: BoundCondition | undefined;
  if (update === undefined && condition === undefined) {
    refuseWithoutExpression(input, 'UpdateExpression and ConditionExpression are');
  } else {
    const binder = new ExpressionBinder(input);
    if (update !== undefined) actions = binder.update(update);
    if (condition !== undefined) boundCondition = binder.condition('ConditionExpression', condition);
    binder.checkAllUsed();
  }
  const key = takeKey(input.Key);
  return (table) => {
    checkKey(key, table.schema);
    checkActions(table, actions);
    checkConditionPaths(table, boundCondition);
    return {
      table,
      rowKey: rowKeyOf(key, table.schema),
      condition: boundCondition,
      onConditionFailure: input.ReturnValuesOnConditionCheckFailure,
      actions,
      next: (current) => updated(table, current ?? key, actions),
    };
  };
};

const NO_ITEM: Item = {};

/** Whether the item, or its absence, meets the plan's condition. */
export const conditionHolds = (plan: WritePlan, current: Item | undefined): boolean =>
  plan.condition === undefined || matches(plan.condition, current ?? NO_ITEM);

const conditionFailed = (plan: WritePlan, current: Item | undefined): ServiceError =>
  new ServiceError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    plan.onConditionFailure === 'ALL_OLD' && current !== undefined ? { Item: current } : undefined,
  );

export interface Written {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** Puts a plan's outcome in place. */
export const applyPlan = (
  tables: Tables,
  plan: WritePlan,
  row: Row | undefined,
  next: Taken | undefined | 'unchanged',
  now: EpochMs,
): void => {
  if (next === 'unchanged') return;
  if (next !== undefined) tables.put(plan.table, next, now);
  else if (row !== undefined) tables.remove(plan.table, row, now);
};

/** Performs a single write: condition, new item, store. */
export const executePlan = (tables: Tables, plan: WritePlan, now: EpochMs): Written => {
  const row = plan.table.rows.get(plan.rowKey);
  const before = row?.item;
  if (!conditionHolds(plan, before)) throw conditionFailed(plan, before);
  const next = plan.next(before);
  applyPlan(tables, plan, row, next, now);
  return { before, after: typeof next === 'object' ? next.item : undefined };
};
