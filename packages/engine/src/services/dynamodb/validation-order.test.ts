import { expect, it } from 'vitest';
import { Dynamo } from './table-bench.ts';

const TableName = 'none';
const Key = { id: { S: 'a' } };
/** Batches and transactions say the table with each part. */
const ask = (action: string, input: object): Promise<object> =>
  new Dynamo().call(action, /^(Batch|Transact)/.test(action) ? input : { TableName, ...input });
const unused = { ExpressionAttributeNames: { '#unused': 'x' } };

it.each([
  ['PutItem', { Item: { id: { SS: [] } } }],
  ['PutItem', { Item: Key, ConditionExpression: 'attribute_exists(', ...unused }],
  ['PutItem', { Item: Key, ConditionExpression: 'attribute_exists(id)', ...unused }],
  ['GetItem', { Key: { id: { N: 'no number' } } }],
  ['GetItem', { Key, ProjectionExpression: 'id', ...unused }],
  ['UpdateItem', { Key, UpdateExpression: 'SET a = :missing' }],
  ['UpdateItem', { Key: { id: { NS: ['1', '1'] } } }],
  ['DeleteItem', { Key, ConditionExpression: 'attribute_exists(id)', ...unused }],
  ['Query', { KeyConditionExpression: 'id = :missing' }],
  ['Scan', { FilterExpression: 'id =' }],
  ['BatchGetItem', { RequestItems: { none: { Keys: [Key], ProjectionExpression: 'id', ...unused } } }],
  ['BatchGetItem', { RequestItems: { none: { Keys: [Key] }, other: { Keys: [{ id: { N: 'no number' } }] } } }],
  ['BatchWriteItem', { RequestItems: { none: [{ PutRequest: { Item: { id: { SS: [] } } } }] } }],
  ['BatchWriteItem', { RequestItems: { none: [{ DeleteRequest: { Key } }], other: [{}] } }],
  ['TransactWriteItems', { TransactItems: [{ Put: { TableName, Item: { id: { SS: [] } } } }] }],
  [
    'TransactWriteItems',
    {
      TransactItems: [
        { Delete: { TableName, Key } },
        { ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_exists(' } },
      ],
    },
  ],
  ['TransactWriteItems', { TransactItems: [{ Update: { TableName, Key, UpdateExpression: 'SET a = :missing' } }] }],
  ['TransactGetItems', { TransactItems: [{ Get: { TableName, Key, ...unused } }] }],
  ['TransactGetItems', { TransactItems: [{ Get: { TableName, Key } }, { Get: { TableName, Key: { id: {} } } }] }],
] as [string, object][])('%s judges all of a request before it looks for a table: %j', async (action, input) => {
  await expect(ask(action, input)).rejects.toMatchObject({ code: 'ValidationException' });
});

it.each([
  ['PutItem', { Item: Key }],
  ['GetItem', { Key }],
  ['UpdateItem', { Key, UpdateExpression: 'REMOVE a' }],
  ['DeleteItem', { Key }],
  ['Query', { KeyConditionExpression: 'id = :a', ExpressionAttributeValues: { ':a': { S: 'a' } } }],
  ['Scan', {}],
  ['BatchGetItem', { RequestItems: { none: { Keys: [Key] } } }],
  ['BatchWriteItem', { RequestItems: { none: [{ DeleteRequest: { Key } }] } }],
  ['TransactWriteItems', { TransactItems: [{ Put: { TableName, Item: Key } }] }],
  ['TransactGetItems', { TransactItems: [{ Get: { TableName, Key } }] }],
])('%s of a table that is not there is refused as that, when nothing else is wrong', async (action, input) => {
  await expect(ask(action, input)).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

it('indexes with more than two key attributes are refused by name', async () => {
  const element = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
  const input = {
    TableName: 'orders',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['a', 'b', 'c'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [element('a', 'HASH')],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'index',
        KeySchema: [element('a', 'HASH'), element('b', 'RANGE'), element('c', 'RANGE')],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };

  await expect(new Dynamo().call('CreateTable', input)).rejects.toThrow(
    'Holdfast does not support global secondary indexes with more than two key attributes',
  );
});
