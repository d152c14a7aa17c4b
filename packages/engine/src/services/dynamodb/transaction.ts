import type { CancellationReason, ConsumedCapacity, ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { Constraints, ServiceError } from '../../core/index.ts';
import { type Consumption, noConsumption, reportConsumption } from './capacity.ts';
import { invalid } from './errors.ts';
import type { Table } from './table.ts';

const TRANSACTION_ACTIONS_MAX = 100;

/** Of an action for whose sake nothing is called off. */
export const NO_REASON: CancellationReason = { Code: 'None' };

/** The entire transaction was called off; one reason per action, in order. */
export const cancelled = (reasons: readonly CancellationReason[]): ServiceError => {
  const codes = reasons.map((reason) => reason.Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
};

/** Looks how many actions there are. */
export const checkCount = (count: number | undefined): void => {
  const constraints = new Constraints().required('transactItems', count);
  if (count !== undefined && count < 1) {
    constraints.fail('transactItems', '[]', 'Member must have length greater than or equal to 1');
  }
  if (count !== undefined && count > TRANSACTION_ACTIONS_MAX) {
    constraints.fail(
      'transactItems',
      '[...]',
      `Member must have length less than or equal to ${TRANSACTION_ACTIONS_MAX}`,
    );
  }
  constraints.check();
};

/** The items of one transaction: none may be met twice. */
export class ItemsOnce {
  readonly #seen = new Set<string>();

  /** @throws ServiceError ValidationException */
  add({ stored }: Table, rowKey: string): void {
    const identity = `${stored.id}/${rowKey}`;
    if (this.#seen.has(identity)) throw invalid('Transaction request cannot include multiple operations on one item');
    this.#seen.add(identity);
  }
}

/** Per table, as the answer reports it; transactions cost twice. */
export class Accounts {
  readonly #byName = new Map<string, { readonly table: Table; readonly consumption: Consumption }>();

  of(tableName: string, table: Table): Consumption {
    const account = this.#byName.get(tableName) ?? { table, consumption: noConsumption() };
    this.#byName.set(tableName, account);
    return account.consumption;
  }

  report(
    mode: ReturnConsumedCapacity | undefined,
    kind: 'ReadCapacityUnits' | 'WriteCapacityUnits',
  ): ConsumedCapacity[] {
    return [...this.#byName].flatMap(([name, { table, consumption }]) => {
      consumption.table *= 2;
      for (const [index, units] of consumption.indexes) consumption.indexes.set(index, units * 2);
      return reportConsumption(mode, table, name, consumption, kind) ?? [];
    });
  }
}
