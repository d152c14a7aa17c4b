import { expect, it } from 'vitest';
import { Dynamo } from './table-bench.ts';

const TableName = 'none';
const Key = { id: { S: 'a' } };
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
])('%s judges a request before it looks for the table: %j', async (action, input) => {
  const request = action.startsWith('Batch') ? input : { TableName, ...input };

  await expect(new Dynamo().call(action, request)).rejects.toMatchObject({ code: 'ValidationException' });
});

it.each([
  ['PutItem', { Item: Key }],
  ['GetItem', { Key }],
  ['UpdateItem', { Key, UpdateExpression: 'REMOVE a' }],
  ['DeleteItem', { Key }],
  ['Query', { KeyConditionExpression: 'id = :a', ExpressionAttributeValues: { ':a': { S: 'a' } } }],
  ['Scan', {}],
])('%s of a table that is not there is refused as that, when nothing else is wrong', async (action, input) => {
  await expect(new Dynamo().call(action, { TableName, ...input })).rejects.toMatchObject({
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
