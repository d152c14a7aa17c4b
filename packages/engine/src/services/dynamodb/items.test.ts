import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const call = (test: TestEngine, action: string, input: object) => test.call('dynamodb', action, input);

const withTable = async (): Promise<TestEngine> => {
  const test = new TestEngine();
  await call(test, 'CreateTable', {
    TableName: 'orders',
    AttributeDefinitions: [
      { AttributeName: 'customer', AttributeType: 'S' },
      { AttributeName: 'number', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'customer', KeyType: 'HASH' },
      { AttributeName: 'number', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  return test;
};

const order = (customer: string, number: number, rest: object = {}) => ({
  customer: { S: customer },
  number: { N: String(number) },
  ...rest,
});

describe('items', () => {
  it('an item put is the item got, with numbers in their plain form', async () => {
    const test = await withTable();

    await call(test, 'PutItem', {
      TableName: 'orders',
      Item: order('ann', 1, { total: { N: '1.50' }, tags: { SS: ['b', 'a'] }, raw: { B: new Uint8Array([1, 2]) } }),
    });
    const { Item } = await call(test, 'GetItem', {
      TableName: 'orders',
      Key: { customer: { S: 'ann' }, number: { N: '1.0' } },
    });

    expect(Item).toEqual(
      order('ann', 1, { total: { N: '1.5' }, tags: { SS: ['b', 'a'] }, raw: { B: new Uint8Array([1, 2]) } }),
    );
  });

  it('a failed condition changes nothing and names the item when asked to', async () => {
    const test = await withTable();
    await call(test, 'PutItem', { TableName: 'orders', Item: order('ann', 1, { v: { N: '1' } }) });

    const second = call(test, 'PutItem', {
      TableName: 'orders',
      Item: order('ann', 1, { v: { N: '2' } }),
      ConditionExpression: 'attribute_not_exists(customer)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });

    await expect(second).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      members: { Item: order('ann', 1, { v: { N: '1' } }) },
    });
  });

  it('a query reads one partition in the order of its sort key, page by page', async () => {
    const test = await withTable();
    for (const number of [10, 9, 100, -5, 2]) {
      await call(test, 'PutItem', { TableName: 'orders', Item: order('ann', number) });
      await call(test, 'PutItem', { TableName: 'orders', Item: order('bob', number) });
    }
    const request = {
      TableName: 'orders',
      KeyConditionExpression: 'customer = :c AND #n >= :from',
      ExpressionAttributeNames: { '#n': 'number' },
      ExpressionAttributeValues: { ':c': { S: 'ann' }, ':from': { N: '2' } },
      Limit: 2,
    };

    const first = await call(test, 'Query', request);
    const second = await call(test, 'Query', { ...request, ExclusiveStartKey: first['LastEvaluatedKey'] });
    const third = await call(test, 'Query', { ...request, ExclusiveStartKey: second['LastEvaluatedKey'] });
    const backwards = await call(test, 'Query', { ...request, ScanIndexForward: false });

    expect(first['Items']).toEqual([order('ann', 2), order('ann', 9)]);
    expect(second['Items']).toEqual([order('ann', 10), order('ann', 100)]);
    expect(third).toEqual({ Items: [], Count: 0, ScannedCount: 0 });
    expect(backwards['Items']).toEqual([order('ann', 100), order('ann', 10)]);
  });
});
