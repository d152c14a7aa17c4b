import { describe, expect, it } from 'vitest';
import { type Answer, Dynamo, order } from './table-bench.ts';

const numbersOf = (answer: Answer): (string | undefined)[] | undefined =>
  answer.Items?.map((item) => item['number']?.N ?? item['id']?.S);

/** Follows `LastEvaluatedKey` to the end. */
const readAll = async (dynamo: Dynamo, action: string, input: object): Promise<Answer[]> => {
  const pages: Answer[] = [];
  let start: Answer['LastEvaluatedKey'];
  do {
    const page = await dynamo.call(action, { ...input, ...(start === undefined ? {} : { ExclusiveStartKey: start }) });
    pages.push(page);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return pages;
};

const ofAnn = {
  TableName: 'orders',
  KeyConditionExpression: 'customer = :c',
  ExpressionAttributeValues: { ':c': { S: 'ann' } },
};

const withSome = async (): Promise<Dynamo> => {
  const dynamo = await new Dynamo().withOrders();
  for (const number of [10, 9, 100, -5, 2]) {
    const state = { S: number > 9 ? 'large' : 'small' };
    await dynamo.putOrder('ann', number, { state, amount: { N: String(-number) }, note: { S: 'n' }, text: { S: 't' } });
    await dynamo.putOrder('bob', number);
  }
  return dynamo;
};

describe('queries', () => {
  it('read one partition in the order of its sort key, page by page, in both directions', async () => {
    const dynamo = await withSome();

    const forward = await readAll(dynamo, 'Query', { ...ofAnn, Limit: 2 });
    const backward = await readAll(dynamo, 'Query', { ...ofAnn, Limit: 3, ScanIndexForward: false });

    expect(forward.map(numbersOf)).toEqual([['-5', '2'], ['9', '10'], ['100']]);
    expect(backward.map(numbersOf)).toEqual([
      ['100', '10', '9'],
      ['2', '-5'],
    ]);
    expect(forward[0]?.LastEvaluatedKey).toEqual(order('ann', 2));
  });

  it('go on after an item that has been deleted meanwhile', async () => {
    const dynamo = await withSome();
    const first = await dynamo.call('Query', { ...ofAnn, Limit: 2 });
    await dynamo.call('DeleteItem', { TableName: 'orders', Key: first.LastEvaluatedKey });

    const second = await dynamo.call('Query', { ...ofAnn, ExclusiveStartKey: first.LastEvaluatedKey });

    expect(numbersOf(second)).toEqual(['9', '10', '100']);
  });

  it.each([
    ['#n = :a', ['9']],
    ['#n < :a', ['-5', '2']],
    [':a >= #n', ['-5', '2', '9']],
    ['#n BETWEEN :a AND :b', ['9', '10']],
  ])('take the part of the partition where %s', async (condition, expected) => {
    const dynamo = await withSome();

    const answer = await dynamo.call('Query', {
      TableName: 'orders',
      KeyConditionExpression: `customer = :c AND ${condition}`,
      ExpressionAttributeNames: { '#n': 'number' },
      ExpressionAttributeValues: {
        ':c': { S: 'ann' },
        ':a': { N: '9' },
        ...(condition.includes(':b') ? { ':b': { N: '10' } } : {}),
      },
    });

    expect(numbersOf(answer)).toEqual(expected);
  });

  it('count filtered items as scanned; the limit is on what is scanned', async () => {
    const dynamo = await withSome();
    const filtered = {
      ...ofAnn,
      FilterExpression: 'amount < :max',
      ExpressionAttributeValues: { ':c': { S: 'ann' }, ':max': { N: '-9' } },
    };

    const answer = await dynamo.call('Query', { ...filtered, Limit: 4 });
    const counted = await dynamo.call('Query', { ...filtered, Select: 'COUNT' });

    expect(answer).toMatchObject({ Count: 1, ScannedCount: 4, LastEvaluatedKey: order('ann', 10) });
    expect(counted).toEqual({ Count: 2, ScannedCount: 5 });
  });

  it('end a page at one megabyte', async () => {
    const dynamo = await new Dynamo().withOrders();
    for (let number = 0; number < 5; number++) await dynamo.putOrder('ann', number, { v: { S: 'x'.repeat(399_000) } });

    const pages = await readAll(dynamo, 'Query', ofAnn);

    expect(pages.map(({ Count }) => Count)).toEqual([3, 2]);
  });

  it('on a global index give what it carries, in the order of its keys', async () => {
    const dynamo = await withSome();
    const ofState = {
      TableName: 'orders',
      IndexName: 'by-state',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': { S: 'small' } },
    };

    const pages = await readAll(dynamo, 'Query', { ...ofState, Limit: 2 });

    expect(pages.map(numbersOf)).toEqual([['9', '2'], ['-5']]);
    expect(pages[1]?.Items?.[0]).toEqual(
      order('ann', -5, { state: { S: 'small' }, amount: { N: '5' }, note: { S: 'n' } }),
    );
    expect(pages[0]?.LastEvaluatedKey).toEqual(order('ann', 2, { state: { S: 'small' }, amount: { N: '-2' } }));
    await expect(dynamo.call('Query', { ...ofState, ConsistentRead: true })).rejects.toMatchObject({
      message: 'Consistent reads are not supported on global secondary indexes',
    });
    await expect(dynamo.call('Query', { ...ofState, Select: 'ALL_ATTRIBUTES' })).rejects.toMatchObject({
      message: expect.stringContaining(
        'Select type ALL_ATTRIBUTES is not supported for global secondary index by-state',
      ),
    });
    await expect(dynamo.call('Query', { ...ofState, ProjectionExpression: '#s, customer, x' })).rejects.toMatchObject({
      message: 'One or more parameter values were invalid: Global secondary index by-state does not project [x]',
    });
  });

  it('on a global index follow the items as they change', async () => {
    const dynamo = await withSome();
    await dynamo.call('UpdateItem', {
      TableName: 'orders',
      Key: order('ann', 9),
      UpdateExpression: 'SET #s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': { S: 'gone' } },
    });
    await dynamo.call('DeleteItem', { TableName: 'orders', Key: order('ann', 2) });

    const answer = await dynamo.call('Scan', { TableName: 'orders', IndexName: 'by-state' });

    expect(numbersOf(answer)?.sort()).toEqual(['-5', '10', '100', '9']);
  });

  it('on a local index go back to the table for what it does not carry', async () => {
    const dynamo = await withSome();
    const local = {
      ...ofAnn,
      IndexName: 'by-amount',
      Limit: 1,
      ConsistentRead: true,
      ReturnConsumedCapacity: 'INDEXES',
    };

    const keys = await dynamo.call('Query', local);
    const all = await dynamo.call('Query', { ...local, Select: 'ALL_ATTRIBUTES' });

    expect(keys.Items).toEqual([order('ann', 100, { amount: { N: '-100' } })]);
    expect(all.Items?.[0]).toMatchObject({ text: { S: 't' } });
    expect(all['ConsumedCapacity']).toMatchObject({
      CapacityUnits: 2,
      Table: { CapacityUnits: 1 },
      LocalSecondaryIndexes: { 'by-amount': { CapacityUnits: 1 } },
    });
  });

  it.each<[object, string]>([
    [
      { KeyConditionExpression: undefined, ExpressionAttributeValues: undefined },
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    ],
    [{ KeyConditionExpression: 'customer > :c' }, 'Query key condition not supported'],
    [{ KeyConditionExpression: 'amount = :c' }, 'Query condition missed key schema element: customer'],
    [{ KeyConditionExpression: 'customer = :c OR amount = :c' }, 'Invalid operator used in KeyConditionExpression: OR'],
    [
      { KeyConditionExpression: 'customer = :c AND customer = :c' },
      'KeyConditionExpressions must only contain one condition per key',
    ],
    [
      { ExpressionAttributeValues: { ':c': { N: '1' } } },
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    ],
    [
      { FilterExpression: 'customer = :c' },
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: customer',
    ],
    [{ IndexName: 'nope' }, 'The table does not have the specified index: nope'],
    [
      { ExclusiveStartKey: order('bob', 2) },
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      { ExclusiveStartKey: { customer: { S: 'ann' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      { Select: 'SPECIFIC_ATTRIBUTES' },
      '1 validation error detected: Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    ],
  ])('are refused in the words of AWS: %j', async (change, message) => {
    const dynamo = await withSome();

    await expect(dynamo.call('Query', { ...ofAnn, ...change })).rejects.toMatchObject({
      code: 'ValidationException',
      message,
    });
  });
});

describe('scans', () => {
  const withMany = async (): Promise<Dynamo> => {
    const dynamo = await new Dynamo().withMarkers();
    for (let index = 0; index < 300; index++) await dynamo.putMarker(`m${index}`);
    return dynamo;
  };

  it('meet every item once, whatever the page size', async () => {
    const dynamo = await withMany();

    const pages = await readAll(dynamo, 'Scan', { TableName: 'markers', Limit: 7 });
    const ids = pages.flatMap(numbersOf);

    expect(new Set(ids).size).toBe(300);
    expect(ids).toHaveLength(300);
  });

  it('in parallel share the items out', async () => {
    const dynamo = await withMany();
    const ids: unknown[] = [];
    for (let Segment = 0; Segment < 4; Segment++) {
      const pages = await readAll(dynamo, 'Scan', { TableName: 'markers', Segment, TotalSegments: 4, Limit: 11 });
      const found = pages.flatMap(numbersOf);
      expect(found.length).toBeGreaterThan(30);
      ids.push(...found);
    }

    expect(new Set(ids).size).toBe(300);
    expect(ids).toHaveLength(300);
  });

  it('refuse a segment beyond the last, and a start key of another segment', async () => {
    const dynamo = await withMany();
    const first = await dynamo.call('Scan', { TableName: 'markers', Segment: 0, TotalSegments: 2, Limit: 1 });

    await expect(dynamo.call('Scan', { TableName: 'markers', Segment: 2, TotalSegments: 2 })).rejects.toMatchObject({
      message:
        'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        'Segment: 2 is not less than TotalSegments: 2',
    });
    await expect(
      dynamo.call('Scan', {
        TableName: 'markers',
        Segment: 1,
        TotalSegments: 2,
        ExclusiveStartKey: first.LastEvaluatedKey,
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining('Please use ExclusiveStartKey with correct Segment') });
  });

  it('cost half a unit even when there is nothing', async () => {
    const dynamo = await new Dynamo().withMarkers();

    const empty = await dynamo.call('Scan', { TableName: 'markers', ReturnConsumedCapacity: 'TOTAL' });

    expect(empty).toMatchObject({ Items: [], Count: 0, ConsumedCapacity: { CapacityUnits: 0.5 } });
  });
});
