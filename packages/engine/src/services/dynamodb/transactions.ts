import type {
  CancellationReason,
  ConsumedCapacity,
  Get,
  TransactGetItemsCommandInput,
  TransactGetItemsCommandOutput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { base64OfBytes, type Digest, type EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  Constraints,
  notSupported,
  type RequestContext,
  type Result,
  refuseUnmodelled,
  ServiceError,
  type Store,
} from '../../core/index.ts';
import type { Item, Taken } from './attribute-value.ts';
import { addWrite, type Consumption, noConsumption, readUnits, reportConsumption } from './capacity.ts';
import { invalid, KeyMismatch } from './errors.ts';
import { projectPaths } from './expressions/project.ts';
import { checkCapacityMode, judgeKey, judgeProjection } from './reads.ts';
import type { Row, Table } from './table.ts';
import { checkTableName, type Tables } from './tables.ts';
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

const TRANSACTION_ACTIONS_MAX = 100;
const TRANSACTION_BYTES_MAX = 4 * 1024 * 1024;
/** How long a `ClientRequestToken` protects from doing the same twice. */
export const TOKEN_LIFETIME_MS = 10 * 60_000;

interface StoredToken {
  readonly digest: string;
  readonly expiresAt: EpochMs;
}

/** Tokens of transactions done in the last ten minutes, oldest first. */
export class TransactionTokens {
  readonly #tokens = new Map<string, StoredToken>();
  readonly #stored: Collection<StoredToken>;
  readonly #digest: Digest;

  constructor(store: Store, digest: Digest) {
    this.#digest = digest;
    this.#stored = store.collection('dynamodb.transactions');
    const loaded = [...this.#stored.entries()].sort(([, a], [, b]) => a.expiresAt - b.expiresAt);
    for (const [key, token] of loaded) this.#tokens.set(key, token);
  }

  #key({ account, region }: RequestContext, token: string): string {
    return `${account}/${region}/${token}`;
  }

  digestOf(input: TransactWriteItemsCommandInput): string {
    return this.#digest.sha256Hex(canonicalText(input.TransactItems));
  }

  /** Whether the very same transaction was done already; another one under the same token is refused. */
  wasDone(context: RequestContext, token: string, digest: string): boolean {
    this.#forgetExpired(context.now);
    const known = this.#tokens.get(this.#key(context, token));
    if (known === undefined) return false;
    if (known.digest === digest) return true;
    throw new ServiceError(
      'IdempotentParameterMismatchException',
      'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent ' +
        'token that was already used.',
      400,
    );
  }

  remember(context: RequestContext, token: string, digest: string): void {
    const stored = { digest, expiresAt: context.now + TOKEN_LIFETIME_MS };
    this.#tokens.set(this.#key(context, token), stored);
    this.#stored.put(this.#key(context, token), stored);
  }

  #forgetExpired(now: EpochMs): void {
    for (const [key, token] of this.#tokens) {
      if (token.expiresAt > now) return;
      this.#tokens.delete(key);
      this.#stored.delete(key);
    }
  }
}

/** JSON that does not depend on the order of members. */
const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) => {
    if (member instanceof Uint8Array) return base64OfBytes(member);
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

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

const NO_REASON: CancellationReason = { Code: 'None' };

/** The entire transaction was called off; one reason per action, in order. */
const cancelled = (reasons: readonly CancellationReason[]): ServiceError => {
  const codes = reasons.map((reason) => reason.Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
};

const checkCount = (count: number | undefined): void => {
  const constraints = new Constraints().required('transactItems', count);
  if (count !== undefined && count < 1) {
    constraints.fail('transactItems', '[]', 'Member must have length greater than or equal to 1');
  }
  if (count !== undefined && count > TRANSACTION_ACTIONS_MAX) {
    constraints.fail('transactItems', '[...]', 'Member must have length less than or equal to 100');
  }
  constraints.check();
};

const checkOneActionPerItem = (actions: readonly Action[]): void => {
  const seen = new Set<string>();
  for (const { table, plan } of actions) {
    if (plan === undefined) continue;
    const identity = `${table.stored.id}/${plan.rowKey}`;
    if (seen.has(identity)) throw invalid('Transaction request cannot include multiple operations on one item');
    seen.add(identity);
  }
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

/** Per table, as the answer reports it; transactions cost twice. */
class Accounts {
  readonly #byName = new Map<string, { readonly table: Table; readonly consumption: Consumption }>();

  of(tableName: string, table: Table): Consumption {
    const account = this.#byName.get(tableName) ?? { table, consumption: noConsumption() };
    this.#byName.set(tableName, account);
    return account.consumption;
  }

  report(
    mode: TransactWriteItemsCommandInput['ReturnConsumedCapacity'],
    kind: 'ReadCapacityUnits' | 'WriteCapacityUnits',
  ): ConsumedCapacity[] {
    return [...this.#byName].flatMap(([name, { table, consumption }]) => {
      consumption.table *= 2;
      for (const [index, units] of consumption.indexes) consumption.indexes.set(index, units * 2);
      return reportConsumption(mode, table, name, consumption, kind) ?? [];
    });
  }
}

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
  const seen = new Set<string>();
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
    const identity = `${table.stored.id}/${rowKey}`;
    if (seen.has(identity)) throw invalid('Transaction request cannot include multiple operations on one item');
    seen.add(identity);
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
