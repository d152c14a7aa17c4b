import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Target } from '../target.ts';

/** Keys and JSON: nobody but the ledger reads its items. */
interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly json: unknown;
}

/** A condition on an item was not met: somebody else was here. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

const isCondition = (error: unknown): boolean =>
  ['ConditionalCheckFailedException', 'TransactionCanceledException'].includes((error as Error).name);

const marshalled = ({ pk, sk, json }: Item) => ({ pk: { S: pk }, sk: { S: sk }, json: { S: JSON.stringify(json) } });

/** A table of DynamoDB with the keys `pk` and `sk`, both text. */
export class Table {
  readonly #dynamodb: DynamoDBClient;
  readonly #name: string;

  constructor(target: Target, name: string) {
    this.#dynamodb = new DynamoDBClient(target);
    this.#name = name;
  }

  /** Strongly consistent. */
  async get<Value>(pk: string, sk: string): Promise<Value | undefined> {
    const { Item: item } = await this.#dynamodb.send(
      new GetItemCommand({ TableName: this.#name, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }),
    );
    return item === undefined ? undefined : (JSON.parse(item['json']?.S ?? 'null') as Value);
  }

  /** Writes one item; with `expected`, only over an item with that JSON. @throws ConditionError */
  async put(item: Item, expected?: unknown): Promise<void> {
    await this.#orCondition(
      this.#dynamodb.send(
        new PutItemCommand({
          TableName: this.#name,
          Item: marshalled(item),
          ...(expected === undefined
            ? {}
            : {
                ConditionExpression: 'json = :was',
                ExpressionAttributeValues: { ':was': { S: JSON.stringify(expected) } },
              }),
        }),
      ),
    );
  }

  /** Writes all items or none: the first one only over `expected`. Up to 100. @throws ConditionError */
  async putTogether(items: readonly Item[], expected: unknown): Promise<void> {
    const TransactItems = items.map(
      (item, index): TransactWriteItem => ({
        Put: {
          TableName: this.#name,
          Item: marshalled(item),
          ...(index > 0
            ? {}
            : {
                ConditionExpression: 'json = :was',
                ExpressionAttributeValues: { ':was': { S: JSON.stringify(expected) } },
              }),
        },
      }),
    );
    await this.#orCondition(this.#dynamodb.send(new TransactWriteItemsCommand({ TransactItems })));
  }

  /** Items of a partition, or those whose sort key begins so, in order. */
  async *query<Value>(pk: string, skPrefix?: string, isBackward = false): AsyncIterable<Value> {
    let start: Record<string, { S: string }> | undefined;
    do {
      const page = await this.#dynamodb.send(
        new QueryCommand({
          TableName: this.#name,
          KeyConditionExpression: skPrefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: {
            ':pk': { S: pk },
            ...(skPrefix === undefined ? {} : { ':sk': { S: skPrefix } }),
          },
          ScanIndexForward: !isBackward,
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      );
      for (const item of page.Items ?? []) yield JSON.parse(item['json']?.S ?? 'null') as Value;
      start = page.LastEvaluatedKey as typeof start;
    } while (start !== undefined);
  }

  async #orCondition(written: Promise<unknown>): Promise<void> {
    try {
      await written;
    } catch (error) {
      throw isCondition(error) ? new ConditionError((error as Error).message, { cause: error }) : error;
    }
  }
}
