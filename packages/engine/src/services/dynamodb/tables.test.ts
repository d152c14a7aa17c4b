import { HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import type { ItemChange } from './item-change.ts';
import { Dynamo, order } from './table-bench.ts';
import { Tables } from './tables.ts';

const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/markers';

describe('tables', () => {
  it('a table is described as it was created, with what it holds', async () => {
    const dynamo = await new Dynamo().withOrders();
    await dynamo.putOrder('ann', 1, { state: { S: 'new' }, amount: { N: '1' } });

    const { Table } = (await dynamo.call('DescribeTable', { TableName: 'orders' })) as { Table: object };

    expect(Table).toMatchObject({
      TableName: 'orders',
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/orders',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      ItemCount: 1,
      DeletionProtectionEnabled: false,
      WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: 'ACTIVE' },
      GlobalSecondaryIndexes: [
        { IndexName: 'by-state', IndexStatus: 'ACTIVE', ItemCount: 1, WarmThroughput: { WriteUnitsPerSecond: 4_000 } },
      ],
      LocalSecondaryIndexes: [{ IndexName: 'by-amount', Projection: { ProjectionType: 'KEYS_ONLY' } }],
    });
  });

  it('lists go on after the last name; regions and accounts are apart', async () => {
    const dynamo = await (await new Dynamo().withOrders()).withMarkers();

    expect(await dynamo.call('ListTables', { Limit: 1 })).toEqual({
      TableNames: ['markers'],
      LastEvaluatedTableName: 'markers',
    });
    expect(await dynamo.call('ListTables', { ExclusiveStartTableName: 'markers' })).toEqual({ TableNames: ['orders'] });
    expect(await dynamo.call('ListTables', {}, { region: 'eu-west-1' })).toEqual({ TableNames: [] });
  });

  it('a name is taken until its table is deleted, and then the items are gone', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('x');

    await expect(dynamo.withMarkers()).rejects.toMatchObject({
      code: 'ResourceInUseException',
      message: 'Table already exists: markers',
    });
    expect(await dynamo.call('DeleteTable', { TableName: 'markers' })).toMatchObject({
      TableDescription: { TableStatus: 'DELETING' },
    });
    await expect(dynamo.call('DescribeTable', { TableName: 'markers' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: markers not found',
    });
    await dynamo.withMarkers();
    expect(await dynamo.marker('x')).toBeUndefined();
  });

  it('a protected table is not deleted', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.call('UpdateTable', { TableName: 'markers', DeletionProtectionEnabled: true });

    await expect(dynamo.call('DeleteTable', { TableName: 'markers' })).rejects.toMatchObject({
      code: 'ValidationException',
      message:
        'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    });
  });

  it('an index added later knows the items that were there', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.putMarker('x', { colour: { S: 'red' } });

    await dynamo.call('UpdateTable', {
      TableName: 'markers',
      AttributeDefinitions: [{ AttributeName: 'colour', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [
        {
          Create: {
            IndexName: 'by-colour',
            KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        },
      ],
    });
    const query = {
      TableName: 'markers',
      IndexName: 'by-colour',
      KeyConditionExpression: 'colour = :c',
      ExpressionAttributeValues: { ':c': { S: 'red' } },
    };

    expect((await dynamo.call('Query', query)).Count).toBe(1);
    await dynamo.call('UpdateTable', {
      TableName: 'markers',
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-colour' } }],
    });
    await expect(dynamo.call('Query', query)).rejects.toMatchObject({
      message: 'The table does not have the specified index: by-colour',
    });
    expect(await dynamo.call('DescribeTable', { TableName: 'markers' })).toMatchObject({
      Table: { AttributeDefinitions: [{ AttributeName: 'id' }] },
    });
  });

  it('tags, backups and encryption are kept and given back', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await dynamo.call('TagResource', {
      ResourceArn: TABLE_ARN,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await dynamo.call('UntagResource', { ResourceArn: TABLE_ARN, TagKeys: ['a'] });
    await dynamo.call('UpdateContinuousBackups', {
      TableName: 'markers',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });

    expect(await dynamo.call('ListTagsOfResource', { ResourceArn: TABLE_ARN })).toEqual({
      Tags: [{ Key: 'b', Value: '2' }],
    });
    expect(await dynamo.call('DescribeContinuousBackups', { TableName: 'markers' })).toMatchObject({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
      },
    });
  });

  it.each<[object, string]>([
    [{ TableName: 'ab' }, 'Member must have length greater than or equal to 3'],
    [{ TableName: 'no spaces' }, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+'],
    [
      { BillingMode: 'PROVISIONED' },
      'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified ' +
        'when BillingMode is PROVISIONED',
    ],
    [
      { KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] },
      'Some index key attributes are not defined in AttributeDefinitions. Keys: [other], AttributeDefinitions: [id]',
    ],
    [
      { KeySchema: [{ AttributeName: 'id', KeyType: 'RANGE' }] },
      'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
    ],
    [
      {
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'x', AttributeType: 'S' },
        ],
      },
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    ],
  ])('a declaration is refused in the words of AWS: %j', async (change, message) => {
    const declaration = {
      TableName: 'things',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    };

    await expect(new Dynamo().call('CreateTable', { ...declaration, ...change })).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });

  it('a stream is started and ended by an update, once each', async () => {
    const dynamo = await new Dynamo().withMarkers();
    const update = (StreamSpecification: object) =>
      dynamo.call('UpdateTable', { TableName: 'markers', StreamSpecification });
    const on = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };

    await expect(update({ StreamEnabled: false })).rejects.toThrow(
      'Table has no stream to disable: TableName: markers',
    );
    expect(await update(on)).toMatchObject({
      TableDescription: {
        StreamSpecification: on,
        LatestStreamArn: expect.stringMatching(/:table\/markers\/stream\/20/),
      },
    });
    await expect(update(on)).rejects.toThrow('Table already has an enabled stream: TableName: markers');
    const { TableDescription: ended } = await update({ StreamEnabled: false });
    expect(ended).not.toHaveProperty('StreamSpecification');
    expect(ended).toHaveProperty('LatestStreamLabel');
  });
});

const enableExpiry = (dynamo: Dynamo, Enabled = true, AttributeName = 'expires') =>
  dynamo.call('UpdateTimeToLive', { TableName: 'markers', TimeToLiveSpecification: { AttributeName, Enabled } });

const inSeconds = (dynamo: Dynamo, seconds: number) => ({
  expires: { N: String(Math.floor(dynamo.test.clock.now() / 1000) + seconds) },
});

describe('time to live', () => {
  it('an expired item is still read until the next sweep, and then it is gone', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await enableExpiry(dynamo);
    await dynamo.putMarker('soon', inSeconds(dynamo, 90));
    await dynamo.putMarker('later', inSeconds(dynamo, 600));

    await dynamo.test.advance(100_000);
    expect(await dynamo.marker('soon')).toBeDefined();
    await dynamo.test.advance(20_000);

    expect(await dynamo.marker('soon')).toBeUndefined();
    expect(await dynamo.marker('later')).toBeDefined();
  });

  it('items that were there before it was enabled expire too, and later ones in their turn', async () => {
    const dynamo = await new Dynamo().withMarkers();
    for (let minute = 1; minute <= 5; minute++) await dynamo.putMarker(`m${minute}`, inSeconds(dynamo, minute * 60));
    await enableExpiry(dynamo);
    await dynamo.putMarker('m0', inSeconds(dynamo, 30));
    const counts: unknown[] = [];

    for (let minute = 0; minute < 6; minute++) {
      await dynamo.test.advance(MINUTE_MS);
      counts.push((await dynamo.call('Scan', { TableName: 'markers', Select: 'COUNT' })).Count);
    }

    expect(counts).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('text, milliseconds and times more than five years ago expire nothing', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await enableExpiry(dynamo);
    await dynamo.putMarker('text', { expires: { S: '1' } });
    await dynamo.putMarker('ms', { expires: { N: String(dynamo.test.clock.now()) } });
    await dynamo.putMarker('ancient', { expires: { N: '1' } });
    await dynamo.putMarker('put off', inSeconds(dynamo, 60));
    await dynamo.putMarker('put off', inSeconds(dynamo, 2 * 60 * 60));

    await dynamo.test.advance(HOUR_MS);

    expect((await dynamo.call('Scan', { TableName: 'markers', Select: 'COUNT' })).Count).toBe(4);
  });

  it('it is turned on once, off once, and not twice in an hour', async () => {
    const dynamo = await new Dynamo().withMarkers();
    await expect(enableExpiry(dynamo, false)).rejects.toMatchObject({ message: 'TimeToLive is already disabled' });
    await enableExpiry(dynamo);

    await expect(enableExpiry(dynamo)).rejects.toMatchObject({ message: 'TimeToLive is already enabled' });
    await expect(enableExpiry(dynamo, true, 'other')).rejects.toMatchObject({
      message: 'TimeToLive is active on a different AttributeName: current AttributeName is expires',
    });
    await expect(enableExpiry(dynamo, false)).rejects.toMatchObject({
      message: 'Time to live has been modified multiple times within a fixed interval',
    });
    expect(await dynamo.call('DescribeTimeToLive', { TableName: 'markers' })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
  });
});

describe('a restart', () => {
  it('finds tables, items, indexes and expiry as they were', async () => {
    const store = new MapStore();
    const before = await (await new Dynamo(store).withOrders()).withMarkers();
    await enableExpiry(before);
    await before.putMarker('soon', { ...inSeconds(before, 60), raw: { B: new Uint8Array([0, 255]) } });
    await before.putMarker('odd\u0000%', { list: { L: [{ BS: [new Uint8Array([1])] }, { M: {} }] } });
    await before.putMarker('gone');
    await before.call('DeleteItem', { TableName: 'markers', Key: { id: { S: 'gone' } } });
    await before.putOrder('ann', 1, { state: { S: 'new' }, amount: { N: '2' } });

    const after = new Dynamo(store);

    expect(await after.marker('soon')).toEqual(await before.marker('soon'));
    expect(await after.marker('odd\u0000%')).toEqual(await before.marker('odd\u0000%'));
    expect(await after.marker('gone')).toBeUndefined();
    expect(await after.call('DescribeTable', { TableName: 'orders' })).toEqual(
      await before.call('DescribeTable', { TableName: 'orders' }),
    );
    expect((await after.call('Scan', { TableName: 'orders', IndexName: 'by-state' })).Items).toEqual([
      order('ann', 1, { state: { S: 'new' }, amount: { N: '2' } }),
    ]);
    await after.test.advance(2 * MINUTE_MS);
    expect(await after.marker('soon')).toBeUndefined();
    await after.call('DeleteTable', { TableName: 'markers' });
    await after.call('DeleteTable', { TableName: 'orders' });
    const left = [...store.collections].filter(([name, map]) => name.startsWith('dynamodb.') && map.size > 0);
    expect(left).toEqual([]);
  });
});

describe('changes', () => {
  it('listeners hear of every change with keys and images, and not of what changes nothing', () => {
    const { clock } = new Dynamo().test;
    const store = new MapStore();
    const tables = new Tables({ clock, store, timers: { schedule: () => ({ cancel() {} }) } } as never);
    const table = tables.create({
      id: 'id',
      arn: TABLE_ARN,
      name: 'markers',
      account: '000000000000',
      region: 'us-east-1',
      createdAt: 0,
      attributes: [{ AttributeName: 'id', AttributeType: 'S' }],
      keySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      indexes: [],
      billingMode: 'PAY_PER_REQUEST',
      throughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
      isDeletionProtected: false,
      tags: [],
    });
    const heard: ItemChange[] = [];
    const stop = tables.onChange(TABLE_ARN, (change) => heard.push(change));
    const taken = (v: string) => ({ item: { id: { S: 'x' }, v: { N: v } }, bytes: 1, hasBinary: false });

    tables.put(table, taken('1'), 1);
    tables.put(table, taken('1'), 2);
    tables.put(table, taken('2'), 3);
    const row = table.find({ id: { S: 'x' } });
    if (row !== undefined) tables.remove(table, row, 4, { type: 'Service', principalId: 'dynamodb.amazonaws.com' });
    stop();
    tables.put(table, taken('3'), 5);

    expect(heard).toEqual([
      { tableArn: TABLE_ARN, at: 1, keys: { id: { S: 'x' } }, oldImage: undefined, newImage: taken('1').item },
      { tableArn: TABLE_ARN, at: 3, keys: { id: { S: 'x' } }, oldImage: taken('1').item, newImage: taken('2').item },
      {
        tableArn: TABLE_ARN,
        at: 4,
        keys: { id: { S: 'x' } },
        oldImage: taken('2').item,
        newImage: undefined,
        userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
      },
    ]);
  });
});
