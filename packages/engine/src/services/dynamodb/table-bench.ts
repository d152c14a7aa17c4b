import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { RequestContext, Store } from '../../core/index.ts';
import { TestEngine } from '../../test-engine.ts';

/** What tests look at in an answer. */
export type Answer = Record<string, unknown> & {
  readonly Item?: Record<string, AttributeValue>;
  readonly Items?: Record<string, AttributeValue>[];
  readonly Attributes?: Record<string, AttributeValue>;
  readonly Count?: number;
  readonly LastEvaluatedKey?: Record<string, AttributeValue>;
};

/** An engine with the tables that the tests of this folder use. */
export class Dynamo {
  readonly test: TestEngine;

  constructor(store?: Store) {
    this.test = new TestEngine(store === undefined ? {} : { store });
  }

  call(action: string, input: object = {}, context: Partial<RequestContext> = {}): Promise<Answer> {
    return this.test.call<Answer>('dynamodb', action, input, context);
  }

  /** `orders`: by customer and number, with a global index by status and a local one by amount. */
  async withOrders(): Promise<this> {
    await this.call('CreateTable', {
      TableName: 'orders',
      AttributeDefinitions: [
        { AttributeName: 'customer', AttributeType: 'S' },
        { AttributeName: 'number', AttributeType: 'N' },
        { AttributeName: 'state', AttributeType: 'S' },
        { AttributeName: 'amount', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'customer', KeyType: 'HASH' },
        { AttributeName: 'number', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-state',
          KeySchema: [
            { AttributeName: 'state', KeyType: 'HASH' },
            { AttributeName: 'amount', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
        },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName: 'by-amount',
          KeySchema: [
            { AttributeName: 'customer', KeyType: 'HASH' },
            { AttributeName: 'amount', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    });
    return this;
  }

  /** `markers`: by id alone. */
  async withMarkers(): Promise<this> {
    await this.call('CreateTable', {
      TableName: 'markers',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    return this;
  }

  putMarker(id: string, rest: object = {}): Promise<Answer> {
    return this.call('PutItem', { TableName: 'markers', Item: { id: { S: id }, ...rest } });
  }

  async marker(id: string): Promise<Record<string, AttributeValue> | undefined> {
    return (await this.call('GetItem', { TableName: 'markers', Key: { id: { S: id } } })).Item;
  }

  putOrder(customer: string, number: number, rest: object = {}): Promise<Answer> {
    return this.call('PutItem', { TableName: 'orders', Item: order(customer, number, rest) });
  }
}

export const order = (customer: string, number: number, rest: object = {}) => ({
  customer: { S: customer },
  number: { N: String(number) },
  ...rest,
});
