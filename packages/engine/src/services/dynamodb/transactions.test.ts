import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { Dynamo } from './table-bench.ts';

const put = (id: string, rest: object = {}) => ({
  Put: { TableName: 'markers', Item: { id: { S: id }, ...rest } },
});
const increment = (id: string) => ({
  Update: {
    TableName: 'markers',
    Key: { id: { S: id } },
    UpdateExpression: 'ADD hits :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});
const check = (id: string, rest: object = {}) => ({
  ConditionCheck: {
    TableName: 'markers',
    Key: { id: { S: id } },
    ConditionExpression: 'attribute_exists(id)',
    ...rest,
  },
});
const write = (dynamo: Dynamo, TransactItems: object[], rest: object = {}) =>
  dynamo.call('TransactWriteItems', { TransactItems, ...rest });

describe('transactions', () => {
  it('do everything, at twice the price', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('guard');
    await dynamo.putMarker('old');

    const answer = await write(
      dynamo,
      [put('a'), increment('b'), check('guard'), { Delete: { TableName: 'markers', Key: { id: { S: 'old' } } } }],
      { ReturnConsumedCapacity: 'TOTAL' },
    );

    expect(answer).toEqual({
      ConsumedCapacity: [{ TableName: 'markers', CapacityUnits: 8, WriteCapacityUnits: 8 }],
    });
    expect(await dynamo.marker('b')).toEqual({ id: { S: 'b' }, hits: { N: '1' } });
    expect(await dynamo.marker('old')).toBeUndefined();
  });

  it('or nothing, with a reason per action', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('text', { hits: { S: 'many' } });

    const failing = write(
      dynamo,
      [
        put('a'),
        check('absent'),
        increment('text'),
        { Put: { TableName: 'markers', Item: { id: { N: '1' } } } },
        check('text', {
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      ].filter((_, position) => position !== 4),
    );

    await expect(failing).rejects.toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
        '[None, ConditionalCheckFailed, ValidationError, ValidationError]',
      members: {
        CancellationReasons: [
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
          {
            Code: 'ValidationError',
            Message: 'An operand in the update expression has an incorrect data type',
          },
          {
            Code: 'ValidationError',
            Message: 'One or more parameter values were invalid: Type mismatch for key id expected: S actual: N',
          },
        ],
      },
    });
    expect(await dynamo.marker('a')).toBeUndefined();
  });

  it('show the item that failed a condition when asked to', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('x', { v: { N: '1' } });

    const failing = write(dynamo, [
      check('x', { ConditionExpression: 'attribute_not_exists(id)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ]);

    await expect(failing).rejects.toMatchObject({
      members: { CancellationReasons: [{ Item: { id: { S: 'x' }, v: { N: '1' } } }] },
    });
  });

  it('refuse mistakes of the request as a whole', async () => {
    const dynamo = await new Dynamo().withMarkers();

    await expect(write(dynamo, [put('a'), check('a')])).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Transaction request cannot include multiple operations on one item',
    });
    await expect(write(dynamo, [{ ...put('a'), ...check('b') }])).rejects.toMatchObject({
      message: 'TransactItems can only contain one of Check, Put, Update or Delete',
    });
    await expect(write(dynamo, [put('')])).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining('cannot contain an empty string value. Key: id'),
    });
    await expect(write(dynamo, [])).rejects.toMatchObject({
      message: expect.stringContaining('Member must have length greater than or equal to 1'),
    });
    await expect(write(dynamo, [{ Put: { TableName: 'nowhere', Item: { id: { S: 'a' } } } }])).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('with a token are done once within ten minutes, across a restart', async () => {
    const store = new MapStore();
    const before = await new Dynamo(store).withMarkers();
    const token = { ClientRequestToken: 'once' };
    await write(before, [increment('a')], token);
    await write(before, [increment('a')], token);

    const after = new Dynamo(store);
    await write(after, [increment('a')], token);

    expect(await after.marker('a')).toEqual({ id: { S: 'a' }, hits: { N: '1' } });
    await expect(write(after, [increment('b')], token)).rejects.toMatchObject({
      code: 'IdempotentParameterMismatchException',
    });
    await after.test.advance(10 * 60_000);
    await write(after, [increment('a')], token);
    expect(await after.marker('a')).toEqual({ id: { S: 'a' }, hits: { N: '2' } });
  });

  it('a token whose transaction failed can be used again', async () => {
    const dynamo = await new Dynamo().withMarkers();
    const token = { ClientRequestToken: 'once' };
    await expect(write(dynamo, [check('x')], token)).rejects.toMatchObject({ code: 'TransactionCanceledException' });
    await dynamo.putMarker('x');

    await expect(write(dynamo, [check('x')], token)).resolves.toEqual({});
  });

  it('read items in the order asked for, with gaps', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('a', { v: { N: '1' } });
    const get = (id: string) => ({
      Get: { TableName: 'markers', Key: { id: { S: id } }, ProjectionExpression: 'v' },
    });

    const answer = await dynamo.call('TransactGetItems', {
      TransactItems: [get('none'), get('a')],
      ReturnConsumedCapacity: 'TOTAL',
    });

    expect(answer).toEqual({
      Responses: [{}, { Item: { v: { N: '1' } } }],
      ConsumedCapacity: [{ TableName: 'markers', CapacityUnits: 4, ReadCapacityUnits: 4 }],
    });
  });
});
