import { describe, expect, it } from 'vitest';
import { Dynamo } from './table-bench.ts';

const put = (id: string, rest: object = {}) => ({ PutRequest: { Item: { id: { S: id }, ...rest } } });
const remove = (id: string) => ({ DeleteRequest: { Key: { id: { S: id } } } });
const many = <Entry>(count: number, make: (id: string) => Entry): Entry[] =>
  Array.from({ length: count }, (_, index) => make(`m${index}`));

describe('batches', () => {
  it('put and delete in several tables at once', async () => {
    const dynamo = await (await new Dynamo().withMarkers()).withOrders();
    await dynamo.putMarker('old');

    const answer = await dynamo.call('BatchWriteItem', {
      RequestItems: {
        markers: [put('a'), remove('old')],
        orders: [{ PutRequest: { Item: { customer: { S: 'ann' }, number: { N: '1' } } } }],
      },
      ReturnConsumedCapacity: 'TOTAL',
    });

    expect(answer).toEqual({
      UnprocessedItems: {},
      ConsumedCapacity: [
        { TableName: 'markers', CapacityUnits: 2 },
        { TableName: 'orders', CapacityUnits: 1 },
      ],
    });
    expect(await dynamo.marker('old')).toBeUndefined();
    expect(await dynamo.marker('a')).toEqual({ id: { S: 'a' } });
  });

  it('do nothing at all when one request is wrong', async () => {
    const dynamo = await new Dynamo().withMarkers();
    const write = (requests: object[]) => dynamo.call('BatchWriteItem', { RequestItems: { markers: requests } });

    await expect(write([put('a'), put('a')])).rejects.toMatchObject({
      message: 'Provided list of item keys contains duplicates',
    });
    await expect(write([put('a'), { PutRequest: { Item: { id: { N: '1' } } } }])).rejects.toMatchObject({
      message: 'The provided key element does not match the schema',
    });
    await expect(write(many(26, put))).rejects.toMatchObject({
      message: expect.stringContaining('Member must have length less than or equal to 25'),
    });
    await expect(dynamo.call('BatchWriteItem', { RequestItems: {} })).rejects.toMatchObject({
      message: expect.stringContaining("at 'requestItems' failed to satisfy constraint"),
    });
    expect(await dynamo.marker('a')).toBeUndefined();
  });

  it('get up to a hundred items, leaving out what is not there', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.call('BatchWriteItem', { RequestItems: { markers: many(20, put) } });
    const get = (Keys: object[], rest: object = {}) =>
      dynamo.call('BatchGetItem', { RequestItems: { markers: { Keys, ...rest } } });
    const key = (id: string) => ({ id: { S: id } });

    const answer = await get(many(100, key), { ProjectionExpression: 'id' });

    expect((answer['Responses'] as { markers: unknown[] }).markers).toHaveLength(20);
    expect(answer['UnprocessedKeys']).toEqual({});
    await expect(get(many(101, key))).rejects.toMatchObject({
      message: expect.stringContaining('Member must have length less than or equal to 100'),
    });
    await expect(get([key('a'), key('a')])).rejects.toMatchObject({
      message: 'Provided list of item keys contains duplicates',
    });
  });

  it('give back the keys that do not fit in sixteen megabytes', async () => {
    const dynamo = await new Dynamo().withMarkers();
    for (let index = 0; index < 45; index++) await dynamo.putMarker(`m${index}`, { v: { S: 'x'.repeat(390_000) } });

    const answer = await dynamo.call('BatchGetItem', {
      RequestItems: { markers: { Keys: many(45, (id) => ({ id: { S: id } })), ConsistentRead: true } },
    });

    expect((answer['Responses'] as { markers: unknown[] }).markers).toHaveLength(43);
    expect(answer['UnprocessedKeys']).toEqual({
      markers: { Keys: [{ id: { S: 'm43' } }, { id: { S: 'm44' } }], ConsistentRead: true },
    });
  });
});
