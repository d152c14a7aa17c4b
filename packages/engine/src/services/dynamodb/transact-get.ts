import type {
  CancellationReason,
  Get,
  TransactGetItemsCommandInput,
  TransactGetItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { Constraints, type RequestContext, type Result, refuseUnmodelled } from '../../core/index.ts';
import type { Item } from './attribute-value.ts';
import { readUnits } from './capacity.ts';
import { KeyMismatch } from './errors.ts';
import { projectPaths } from './expressions/project.ts';
import { checkCapacityMode, judgeKey, judgeProjection } from './reads.ts';
import { checkTableName, type Tables } from './tables.ts';
import { Accounts, cancelled, checkCount, ItemsOnce, NO_REASON } from './transaction.ts';

const refusingOthers = (get: Get): Get => {
  refuseUnmodelled(get, ['TableName', 'Key', 'ProjectionExpression', 'ExpressionAttributeNames'], 'TransactGetItems');
  return get;
};

/** Reads of one moment; an item that is missing leaves its place empty. */
export const transactGetItems = (
  tables: Tables,
  input: TransactGetItemsCommandInput,
  context: RequestContext,
): Result<TransactGetItemsCommandOutput> => {
  checkCapacityMode(input.ReturnConsumedCapacity);
  checkCount(input.TransactItems?.length);
  const accounts = new Accounts();
  const items = new ItemsOnce();
  const reasons: CancellationReason[] = [];
  const gets = (input.TransactItems ?? []).map(({ Get: get }, position) => {
    new Constraints().required(`transactItems.${position + 1}.member.get`, get).check();
    const { TableName: tableName, ...asked } = refusingOthers(get as Get);
    if (tableName === undefined) checkTableName(tableName);
    return { tableName: tableName as string, projectionOf: judgeProjection(asked), keyOf: judgeKey(asked.Key) };
  });
  const responses = gets.map(({ tableName, projectionOf, keyOf }, position): { Item?: Item } => {
    const table = tables.require(tableName, context);
    const projection = projectionOf(table);
    let rowKey: string;
    try {
      rowKey = keyOf(table);
    } catch (error) {
      if (!(error instanceof KeyMismatch)) throw error;
      reasons[position] = { Code: 'ValidationError', Message: error.message };
      return {};
    }
    items.add(table, rowKey);
    const row = table.rows.get(rowKey);
    accounts.of(tableName, table).table += readUnits(row?.bytes ?? 0, true);
    if (row === undefined) return {};
    return { Item: projection === undefined ? row.item : projectPaths(row.item, projection) };
  });
  if (reasons.length > 0) throw cancelled(responses.map((_response, position) => reasons[position] ?? NO_REASON));
  const wantsCapacity = input.ReturnConsumedCapacity !== undefined && input.ReturnConsumedCapacity !== 'NONE';
  return {
    Responses: responses,
    ...(wantsCapacity ? { ConsumedCapacity: accounts.report(input.ReturnConsumedCapacity, 'ReadCapacityUnits') } : {}),
  };
};
