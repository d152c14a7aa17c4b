import { describe, expect, it } from 'vitest';
import { Dynamo, order } from './table-bench.ts';

const key = (customer: string, number: number) => ({ TableName: 'orders', Key: order(customer, number) });

/** Since 2026 what is wrong with a write of one item is counted. */
const COUNTED = '1 validation error detected: ';

describe('items', () => {
  it('an item put is the item got, with numbers in their plain form', async () => {
    const dynamo = await new Dynamo().withOrders();

    await dynamo.putOrder('ann', 1, {
      total: { N: '1.50' },
      tags: { SS: ['b', 'a'] },
      raw: { B: new Uint8Array([1, 2]) },
      empty: { S: '' },
    });
    const { Item } = await dynamo.call('GetItem', {
      TableName: 'orders',
      Key: { customer: { S: 'ann' }, number: { N: '1.0' } },
    });

    expect(Item).toEqual(
      order('ann', 1, {
        total: { N: '1.5' },
        tags: { SS: ['b', 'a'] },
        raw: { B: new Uint8Array([1, 2]) },
        empty: { S: '' },
      }),
    );
  });

  it('what the caller does to the input afterwards changes nothing', async () => {
    const dynamo = await new Dynamo().withMarkers();
    const tags = ['a'];
    await dynamo.putMarker('x', { tags: { SS: tags } });

    tags.push('b');

    expect(await dynamo.marker('x')).toEqual({ id: { S: 'x' }, tags: { SS: ['a'] } });
  });

  it('a table can be named by its ARN', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('x');

    const { Item } = await dynamo.call('GetItem', {
      TableName: 'arn:aws:dynamodb:us-east-1:000000000000:table/markers',
      Key: { id: { S: 'x' } },
    });

    expect(Item).toEqual({ id: { S: 'x' } });
  });

  it('attribute names that mean something to JavaScript are plain names', async () => {
    const dynamo = await new Dynamo().withMarkers();
    const Item = JSON.parse('{"id":{"S":"x"},"__proto__":{"S":"p"},"constructor":{"M":{"toString":{"N":"1"}}}}');

    await dynamo.call('PutItem', { TableName: 'markers', Item });
    const found = await dynamo.call('Scan', {
      TableName: 'markers',
      FilterExpression: 'attribute_exists(#c.toString) AND attribute_not_exists(hasOwnProperty)',
      ExpressionAttributeNames: { '#c': 'constructor' },
    });

    expect(JSON.stringify(found.Items)).toBe(JSON.stringify([Item]));
  });

  it('a failed condition changes nothing and shows the item when asked to', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('x', { v: { N: '1' } });
    const again = {
      TableName: 'markers',
      Item: { id: { S: 'x' }, v: { N: '2' } },
      ConditionExpression: 'attribute_not_exists(id) OR expires < :now',
      ExpressionAttributeValues: { ':now': { N: '100' } },
    };

    await expect(dynamo.call('PutItem', again)).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      status: 400,
      members: undefined,
    });
    await expect(
      dynamo.call('PutItem', { ...again, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ).rejects.toMatchObject({ members: { Item: { id: { S: 'x' }, v: { N: '1' } } } });
    expect(await dynamo.marker('x')).toEqual({ id: { S: 'x' }, v: { N: '1' } });
  });

  it('an update makes the item when there is none, and gives back what is asked for', async () => {
    const dynamo = await new Dynamo().withOrders();
    const update = (ReturnValues: string) =>
      dynamo.call('UpdateItem', {
        ...key('ann', 1),
        UpdateExpression: 'ADD visits :one SET #a.b = :x',
        ConditionExpression: 'attribute_exists(#a)',
        ExpressionAttributeNames: { '#a': 'detail' },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':x': { S: 'x' } },
        ReturnValues,
      });

    await expect(update('NONE')).rejects.toMatchObject({ code: 'ConditionalCheckFailedException' });
    await dynamo.putOrder('ann', 1, { detail: { M: { c: { N: '1' } } } });

    expect(await update('UPDATED_NEW')).toEqual({
      Attributes: { visits: { N: '1' }, detail: { M: { b: { S: 'x' } } } },
    });
    expect((await update('UPDATED_OLD')).Attributes).toEqual({
      visits: { N: '1' },
      detail: { M: { b: { S: 'x' } } },
    });
    expect((await update('ALL_OLD')).Attributes?.['visits']).toEqual({ N: '2' });
    expect((await update('ALL_NEW')).Attributes).toEqual(
      order('ann', 1, { visits: { N: '4' }, detail: { M: { b: { S: 'x' }, c: { N: '1' } } } }),
    );
    expect(await dynamo.call('UpdateItem', key('bob', 1))).toEqual({});
    expect((await dynamo.call('GetItem', key('bob', 1))).Item).toEqual(order('bob', 1));
  });

  it('a delete of what is not there succeeds; the old item comes back when asked for', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('x', { v: { N: '1' } });
    const remove = { TableName: 'markers', Key: { id: { S: 'x' } }, ReturnValues: 'ALL_OLD' };

    expect(await dynamo.call('DeleteItem', remove)).toEqual({ Attributes: { id: { S: 'x' }, v: { N: '1' } } });
    expect(await dynamo.call('DeleteItem', remove)).toEqual({});
    expect(await dynamo.marker('x')).toBeUndefined();
  });

  it('capacity follows size: 4 KB per read, half when eventually consistent, 1 KB per write', async () => {
    const dynamo = await new Dynamo().withMarkers();
    const Item = { id: { S: 'x' }, text: { S: 'y'.repeat(5_000) } };

    const written = await dynamo.call('PutItem', { TableName: 'markers', Item, ReturnConsumedCapacity: 'TOTAL' });
    const read = (ConsistentRead: boolean) =>
      dynamo.call('GetItem', {
        TableName: 'markers',
        Key: { id: { S: 'x' } },
        ConsistentRead,
        ReturnConsumedCapacity: 'INDEXES',
      });

    expect(written['ConsumedCapacity']).toEqual({ TableName: 'markers', CapacityUnits: 5 });
    expect((await read(false))['ConsumedCapacity']).toEqual({
      TableName: 'markers',
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    });
    expect((await read(true))['ConsumedCapacity']).toMatchObject({ CapacityUnits: 2 });
  });

  it('a write pays for every index entry it touches', async () => {
    const dynamo = await new Dynamo().withOrders();
    const put = async (rest: object) =>
      (
        await dynamo.call('PutItem', {
          TableName: 'orders',
          Item: order('ann', 1, rest),
          ReturnConsumedCapacity: 'INDEXES',
        })
      )['ConsumedCapacity'];

    expect(await put({ state: { S: 'new' }, amount: { N: '1' } })).toEqual({
      TableName: 'orders',
      CapacityUnits: 3,
      Table: { CapacityUnits: 1 },
      LocalSecondaryIndexes: { 'by-amount': { CapacityUnits: 1 } },
      GlobalSecondaryIndexes: { 'by-state': { CapacityUnits: 1 } },
    });
    expect(await put({ state: { S: 'done' }, amount: { N: '1' } })).toMatchObject({
      CapacityUnits: 3,
      GlobalSecondaryIndexes: { 'by-state': { CapacityUnits: 2 } },
    });
    expect(await put({ state: { S: 'done' }, amount: { N: '1' }, other: { S: 'x' } })).toMatchObject({
      CapacityUnits: 1,
    });
  });

  it.each([
    [{ id: { N: '1' } }, 'One or more parameter values were invalid: Type mismatch for key id expected: S actual: N'],
    [{ x: { N: '1' } }, 'One or more parameter values were invalid: Missing the key id in the item'],
    [
      { id: { S: '' } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
        'string value. Key: id',
    ],
    [
      { id: { S: 'x'.repeat(2_049) } },
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    ],
    [{ id: { S: 'x' }, y: { S: 'y'.repeat(400 * 1024) } }, 'Item size has exceeded the maximum allowed size'],
    [
      { id: { S: 'x' }, y: {} },
      `${COUNTED}Supplied AttributeValue is empty, must contain exactly one of the supported datatypes`,
    ],
    [
      { id: { S: 'x' }, y: { S: 'a', N: '1' } },
      `${COUNTED}Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes`,
    ],
    [
      { id: { S: 'x' }, y: { SS: [] } },
      `${COUNTED}One or more parameter values were invalid: An string set  may not be empty`,
    ],
    [
      { id: { S: 'x' }, y: { SS: ['a', 'a'] } },
      `${COUNTED}One or more parameter values were invalid: Input collection [a, a] contains duplicates.`,
    ],
    [{ id: { S: 'x' }, y: { NS: ['1', '1.0'] } }, `${COUNTED}Input collection contains duplicates`],
    [
      { id: { S: 'x' }, y: { NULL: false } },
      `${COUNTED}One or more parameter values were invalid: Null attribute value types must have the value of true`,
    ],
  ])('the item %# is refused in the words of AWS', async (Item, message) => {
    const dynamo = await new Dynamo().withMarkers();

    await expect(dynamo.call('PutItem', { TableName: 'markers', Item })).rejects.toMatchObject({
      code: 'ValidationException',
      message,
    });
  });

  it.each<[string, object, string]>([
    ['GetItem', { Key: {} }, 'The provided key element does not match the schema'],
    ['GetItem', { Key: { id: { N: '1' } } }, 'The provided key element does not match the schema'],
    ['DeleteItem', { Key: { id: { S: 'x' }, y: { S: 'y' } } }, 'The provided key element does not match the schema'],
    [
      'UpdateItem',
      { Key: { id: { S: 'x' } }, UpdateExpression: 'REMOVE id' },
      'One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key',
    ],
    ['PutItem', { Item: { id: { S: 'x' } }, ReturnValues: 'ALL_NEW' }, 'ReturnValues can only be ALL_OLD or NONE'],
    [
      'PutItem',
      { Item: { id: { S: 'x' } }, ExpressionAttributeValues: { ':x': { S: 'x' } } },
      '1 validation error detected: ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
    ],
    [
      'UpdateItem',
      {
        Key: { id: { S: 'x' } },
        UpdateExpression: 'SET a = :a',
        ExpressionAttributeValues: { ':a': { S: 'a' }, ':b': { S: 'b' } },
      },
      '1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}',
    ],
    [
      'UpdateItem',
      { Key: { id: { S: 'x' } }, UpdateExpression: 'SET a = :a', ExpressionAttributeValues: {} },
      '1 validation error detected: ExpressionAttributeValues must not be empty',
    ],
    [
      'PutItem',
      {
        Item: { id: { S: 'x' } },
        ConditionExpression: 'a = :a',
        ExpressionAttributeValues: { ':a': { N: 'x' } },
      },
      '1 validation error detected: ExpressionAttributeValues contains invalid value: ' +
        'The parameter cannot be converted to a numeric value: x for key :a',
    ],
    [
      'UpdateItem',
      { Key: { id: { S: 'x' } }, UpdateExpression: 'ADD a :a', ExpressionAttributeValues: { ':a': { SS: [] } } },
      '1 validation error detected: One or more parameter values were invalid: An string set  may not be empty',
    ],
  ])('%s is refused: %j', async (action, input, message) => {
    const dynamo = await new Dynamo().withMarkers();

    await expect(dynamo.call(action, { TableName: 'markers', ...input })).rejects.toMatchObject({
      code: 'ValidationException',
      message,
    });
  });

  it('an index key of the wrong type is refused, a missing one keeps the item out of the index', async () => {
    const dynamo = await new Dynamo().withOrders();

    await expect(dynamo.putOrder('ann', 1, { state: { N: '1' } })).rejects.toMatchObject({
      message:
        'One or more parameter values were invalid: Type mismatch for Index Key state Expected: S Actual: N ' +
        'IndexName: by-state',
    });
    await dynamo.putOrder('ann', 1, { state: { S: 'new' } });

    expect((await dynamo.call('Scan', { TableName: 'orders', IndexName: 'by-state' })).Count).toBe(0);
  });

  it('what an older interface needs is refused by name', async () => {
    const dynamo = await new Dynamo().withMarkers();

    await expect(
      dynamo.call('PutItem', { TableName: 'markers', Item: { id: { S: 'x' } }, Expected: { id: { Exists: false } } }),
    ).rejects.toMatchObject({
      code: 'NotSupportedByHoldfast',
      message: expect.stringContaining('PutItem with Expected'),
    });
    await expect(
      dynamo.call('PutItem', {
        TableName: 'markers',
        Item: { id: { S: 'x' } },
        ReturnItemCollectionMetrics: 'SIZE',
      }),
    ).rejects.toMatchObject({ code: 'NotSupportedByHoldfast' });
  });

  it('a table that is not there is not found', async () => {
    await expect(new Dynamo().marker('x')).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Requested resource not found',
      status: 400,
    });
  });
});
