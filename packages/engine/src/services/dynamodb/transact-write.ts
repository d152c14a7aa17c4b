import type {
  CancellationReason,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import {
  Constraints,
  notSupported,
  type RequestContext,
  type Result,
  refuseUnmodelled,
  ServiceError,
} from '../../core/index.ts';
import type { Item, Taken } from './attribute-value.ts';
import { addWrite, readUnits } from './capacity.ts';
import { invalid, KeyMismatch } from './errors.ts';
import { checkCapacityMode } from './reads.ts';
import type { Row, Table } from './table.ts';
import { checkTableName, type Tables } from './tables.ts';
import { Accounts, cancelled, checkCount, ItemsOnce, NO_REASON } from './transaction.ts';
import type { TransactionTokens } from './transaction-tokens.ts';
import {
  applyPlan,
  conditionHolds,
  type Judged,
  judgeCheck,
  judgeDelete,
  judgePut,
  judgeUpdate,
  type WritePlan,
} from './write-plans.ts';

const TRANSACTION_BYTES_MAX = 4 * 1024 * 1024;

const ACTION_KINDS = ['ConditionCheck', 'Put', 'Delete', 'Update'];
const EXPRESSION_MEMBERS = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];

const judgeAction = ({ Put, Update, Delete, ConditionCheck }: TransactWriteItem): Judged => {
  if (Put !== undefined) return judgePut(Put);
  if (Update !== undefined) return judgeUpdate(Update);
  if (Delete !== undefined) return judgeDelete(Delete);
  return judgeCheck(ConditionCheck ?? {});
};

interface Action {
  readonly tableName: string;
  readonly table: Table;
  readonly plan: WritePlan | undefined;
  /** Why this action cannot be done whatever the item looks like. */
  readonly mismatch: KeyMismatch | undefined;
}

const checkActionShape = (action: TransactWriteItem, position: number): void => {
  refuseUnmodelled(action, ACTION_KINDS, 'TransactWriteItems');
  const { Put, Update, Delete, ConditionCheck } = action;
  const given = [Put, Update, Delete, ConditionCheck].filter((each) => each !== undefined);
  if (given.length !== 1) throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  const own = Put !== undefined ? ['Item'] : Update !== undefined ? ['Key', 'UpdateExpression'] : ['Key'];
  const [only] = given;
  if (only === undefined) return;
  refuseUnmodelled(only, [...EXPRESSION_MEMBERS, ...own], 'TransactWriteItems');
  const path = `transactItems.${position + 1}.member`;
  const constraints = new Constraints();
  if (Update !== undefined) constraints.required(`${path}.update.updateExpression`, Update.UpdateExpression);
  if (ConditionCheck !== undefined) {
    constraints.required(`${path}.conditionCheck.conditionExpression`, ConditionCheck.ConditionExpression);
  }
  constraints.check();
};

interface JudgedAction {
  readonly tableName: string;
  readonly judged: Judged;
}

const readAction = (action: TransactWriteItem): JudgedAction => {
  const { Put, Update, Delete, ConditionCheck } = action;
  const tableName = (Put ?? Update ?? Delete ?? ConditionCheck)?.TableName;
  if (tableName === undefined) checkTableName(tableName);
  return { tableName: tableName as string, judged: judgeAction(action) };
};

const fitAction = (tables: Tables, { tableName, judged }: JudgedAction, context: RequestContext): Action => {
  const table = tables.require(tableName, context);
  try {
    return { tableName, table, plan: judged(table), mismatch: undefined };
  } catch (error) {
    // A key of the wrong type cancels the transaction; every other mistake in the request refuses it as a whole.
    if (!(error instanceof KeyMismatch)) throw error;
    return { tableName, table, plan: undefined, mismatch: error };
  }
};

const checkOneActionPerItem = (actions: readonly Action[]): void => {
  const items = new ItemsOnce();
  for (const { table, plan } of actions) if (plan !== undefined) items.add(table, plan.rowKey);
};

interface Decided {
  readonly plan: WritePlan;
  readonly row: Row | undefined;
  readonly before: Item | undefined;
  readonly next: Taken | undefined | 'unchanged';
}

/** What one action comes to, or why it calls the transaction off. */
const decide = ({ plan, mismatch }: Action): Decided | CancellationReason => {
  if (plan === undefined) return { Code: 'ValidationError', Message: mismatch?.message };
  const row = plan.table.rows.get(plan.rowKey);
  const before = row?.item;
  if (!conditionHolds(plan, before)) {
    return {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      ...(plan.onConditionFailure === 'ALL_OLD' && before !== undefined ? { Item: before } : {}),
    };
  }
  try {
    return { plan, row, before, next: plan.next(before) };
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ValidationException') {
      return { Code: 'ValidationError', Message: error.message };
    }
    throw error;
  }
};

const isDecided = (outcome: Decided | CancellationReason): outcome is Decided => 'plan' in outcome;

/** All or nothing: every action is decided before the first is done. */
export const transactWriteItems = (
  tables: Tables,
  tokens: TransactionTokens,
  input: TransactWriteItemsCommandInput,
  context: RequestContext,
): Result<TransactWriteItemsCommandOutput> => {
  checkCapacityMode(input.ReturnConsumedCapacity);
  if (input.ReturnItemCollectionMetrics === 'SIZE') throw notSupported('ReturnItemCollectionMetrics SIZE');
  checkCount(input.TransactItems?.length);
  const { ClientRequestToken: token } = input;
  new Constraints().length('clientRequestToken', token, 1, 36).check();
  const requested = input.TransactItems as TransactWriteItem[];
  requested.forEach(checkActionShape);
  const digest = token === undefined ? '' : tokens.digestOf(input);
  const wantsCapacity = input.ReturnConsumedCapacity !== undefined && input.ReturnConsumedCapacity !== 'NONE';
  // All that can be said of the actions comes before the first look at a table.
  const judged = requested.map(readAction);
  const actions = judged.map((action) => fitAction(tables, action, context));
  checkOneActionPerItem(actions);
  const accounts = new Accounts();
  if (token !== undefined && tokens.wasDone(context, token, digest)) {
    for (const { tableName, table, plan } of actions) {
      const bytes = plan === undefined ? 0 : (table.rows.get(plan.rowKey)?.bytes ?? 0);
      accounts.of(tableName, table).table += readUnits(bytes, true);
    }
    return wantsCapacity
      ? { ConsumedCapacity: accounts.report(input.ReturnConsumedCapacity, 'ReadCapacityUnits') }
      : {};
  }
  const outcomes = actions.map(decide);
  if (!outcomes.every(isDecided)) {
    throw cancelled(outcomes.map((outcome) => (isDecided(outcome) ? NO_REASON : outcome)));
  }
  const bytes = outcomes.reduce((sum, { next }) => sum + (typeof next === 'object' ? next.bytes : 0), 0);
  if (bytes > TRANSACTION_BYTES_MAX) throw invalid('Transaction request size exceeds the maximum of 4 MB');
  outcomes.forEach(({ plan, row, before, next }, position) => {
    if (wantsCapacity) {
      const { tableName } = actions[position] as Action;
      const after = next === 'unchanged' ? before : next?.item;
      addWrite(accounts.of(tableName, plan.table), plan.table, before, after);
    }
    applyPlan(tables, plan, row, next, context.now);
  });
  if (token !== undefined) tokens.remember(context, token, digest);
  return wantsCapacity ? { ConsumedCapacity: accounts.report(input.ReturnConsumedCapacity, 'WriteCapacityUnits') } : {};
};
