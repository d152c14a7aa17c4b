import type * as Sdk from '@aws-sdk/client-dynamodb';
import { onDemand } from '@holdfast/kernel';
import type { Operations, Service, ServiceEnvironment } from '../../core/index.ts';
import type { ItemChange } from './item-change.ts';
import { itemOperations } from './item-operations.ts';
import { tableOperations } from './table-operations.ts';
import { Tables } from './tables.ts';
import { TransactionTokens } from './transaction-tokens.ts';

/**
 * Tables, items, expressions, indexes, batches, transactions and expiry of Amazon DynamoDB.
 *
 * Items handed out are the stored ones: callers inside the process must not change them.
 */
export class DynamoDbService implements Service {
  readonly #operations: () => Operations<typeof Sdk>;
  readonly #tables: Tables;

  constructor(environment: ServiceEnvironment) {
    this.#tables = new Tables(environment);
    const tokens = new TransactionTokens(environment.store, environment.digest);
    this.#operations = onDemand(() => ({
      ...tableOperations(this.#tables, environment),
      ...itemOperations(this.#tables, tokens),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }

  start(): void {
    this.#tables.start();
  }

  /** Hears of every change of a table's items; see {@link Tables.onChange}. */
  onChange(tableArn: string, listener: (change: ItemChange) => void): () => void {
    return this.#tables.onChange(tableArn, listener);
  }
}
