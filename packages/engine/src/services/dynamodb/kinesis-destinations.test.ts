import type { DescribeTableCommandOutput } from '@aws-sdk/client-dynamodb';
import type { GetRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { MINUTE_MS } from '@holdfast/kernel';
import { strFromU8 } from 'fflate';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { Dynamo } from './table-bench.ts';

const arnOf = (name: string, place = 'us-east-1:000000000000') => `arn:aws:kinesis:${place}:stream/${name}`;
const StreamArn = arnOf('changes-of-markers');
const TableName = 'markers';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NOT_ENABLED = 'Table is not in a valid state to enable Kinesis Streaming Destination: ';

let store: MapStore;
let dynamo: Dynamo;

beforeEach(async () => {
  store = new MapStore();
  dynamo = await new Dynamo(store).withMarkers();
  await makeStream();
});

const makeStream = (ShardCount = 1) =>
  dynamo.test.call('kinesis', 'CreateStream', { StreamName: 'changes-of-markers', ShardCount });

const ACTIONS = {
  Enable: 'EnableKinesisStreamingDestination',
  Disable: 'DisableKinesisStreamingDestination',
  Update: 'UpdateKinesisStreamingDestination',
};

const act = (verb: keyof typeof ACTIONS, input: object = {}) =>
  dynamo.call(ACTIONS[verb], { TableName, StreamArn, ...input });

const destinations = async () =>
  (await dynamo.call('DescribeKinesisStreamingDestination', { TableName }))['KinesisDataStreamDestinations'];

/** What a shard of the stream holds. */
const records = async (ShardId = 'shardId-000000000000') => {
  const { ShardIterator } = await dynamo.test.call<{ ShardIterator: string }>('kinesis', 'GetShardIterator', {
    StreamARN: StreamArn,
    ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const { Records = [] } = await dynamo.test.call<GetRecordsCommandOutput>('kinesis', 'GetRecords', { ShardIterator });
  return Records.map(({ Data, PartitionKey }) => ({
    key: PartitionKey,
    data: JSON.parse(strFromU8(Data as Uint8Array)),
  }));
};

const changes = async () => (await records()).map(({ data }) => data);

describe('a Kinesis stream as destination of a table', () => {
  it('gets every change in the format of AWS, both images and no sequence number, over a restart', async () => {
    const at = dynamo.test.clock.now();
    expect(await act('Enable')).toEqual({
      TableName,
      StreamArn,
      DestinationStatus: 'ENABLING',
      EnableKinesisStreamingConfiguration: {},
    });
    await dynamo.putMarker('a', { n: { N: '1' }, b: { B: new Uint8Array([1, 2]) } });
    await dynamo.putMarker('a', { n: { N: '1' }, b: { B: new Uint8Array([1, 2]) } });
    dynamo = new Dynamo(store);
    await dynamo.call('UpdateItem', {
      TableName,
      Key: { id: { S: 'a' } },
      UpdateExpression: 'SET n = :n REMOVE b',
      ExpressionAttributeValues: { ':n': { N: '2' } },
    });
    await dynamo.call('TransactWriteItems', { TransactItems: [{ Delete: { TableName, Key: { id: { S: 'a' } } } }] });

    const common = {
      awsRegion: 'us-east-1',
      eventID: expect.stringMatching(UUID),
      userIdentity: null,
      recordFormat: 'application/json',
      tableName: TableName,
      eventSource: 'aws:dynamodb',
    };
    const of = { ApproximateCreationDateTime: at, Keys: { id: { S: 'a' } } };
    const [first, second] = [
      { id: { S: 'a' }, n: { N: '1' }, b: { B: 'AQI=' } },
      { id: { S: 'a' }, n: { N: '2' } },
    ];
    expect(await changes()).toEqual([
      { ...common, eventName: 'INSERT', dynamodb: { ...of, NewImage: first, SizeBytes: 12 } },
      { ...common, eventName: 'MODIFY', dynamodb: { ...of, NewImage: second, OldImage: first, SizeBytes: 18 } },
      { ...common, eventName: 'REMOVE', dynamodb: { ...of, OldImage: second, SizeBytes: 9 } },
    ]);
  });

  it('has the changes of one item in one shard, in order', async () => {
    await dynamo.test.call('kinesis', 'DeleteStream', { StreamARN: StreamArn });
    await makeStream(2);
    await act('Enable');
    for (const n of ['1', '2', '3']) {
      for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await dynamo.putMarker(id, { n: { N: n } });
    }

    const shards = [await records('shardId-000000000000'), await records('shardId-000000000001')];
    expect(shards.every((shard) => shard.length > 0)).toBe(true);
    const seen = new Map<string, string[]>();
    for (const shard of shards) {
      const keys = new Set(shard.map(({ data }) => data.dynamodb.Keys.id.S as string));
      for (const id of keys) {
        expect(seen.has(id)).toBe(false);
        const own = shard.filter(({ data }) => data.dynamodb.Keys.id.S === id);
        seen.set(
          id,
          own.map(({ data }) => data.dynamodb.NewImage.n.N),
        );
        expect(new Set(own.map(({ key }) => key)).size).toBe(1);
        expect(own[0]?.key).toMatch(/^[0-9A-F]{32}$/);
      }
    }
    expect([...seen.values()]).toEqual(Array.from({ length: 6 }, () => ['1', '2', '3']));
  });

  it('is told who deleted an expired item', async () => {
    await dynamo.call('UpdateTimeToLive', {
      TableName,
      TimeToLiveSpecification: { AttributeName: 'gone_at', Enabled: true },
    });
    await dynamo.putMarker('a', { gone_at: { N: String(Math.floor(dynamo.test.clock.now() / 1000) + 1) } });
    await act('Enable');
    await dynamo.test.advance(2 * MINUTE_MS);

    expect(await changes()).toMatchObject([
      { eventName: 'REMOVE', userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } },
    ]);
  });

  it('tells the time in microseconds where that was asked for, and says so', async () => {
    const precision = { ApproximateCreationDateTimePrecision: 'MICROSECOND' };
    await act('Enable', { EnableKinesisStreamingConfiguration: precision });
    await dynamo.putMarker('a');
    expect(await destinations()).toEqual([{ StreamArn, DestinationStatus: 'ACTIVE', ...precision }]);
    expect((await changes())[0].dynamodb).toMatchObject({
      ApproximateCreationDateTime: dynamo.test.clock.now() * 1_000,
      ...precision,
    });

    const UpdateKinesisStreamingConfiguration = { ApproximateCreationDateTimePrecision: 'MILLISECOND' };
    expect(await act('Update', { UpdateKinesisStreamingConfiguration })).toEqual({
      TableName,
      StreamArn,
      DestinationStatus: 'UPDATING',
      UpdateKinesisStreamingConfiguration,
    });
    await dynamo.putMarker('b');
    expect((await changes())[1].dynamodb).toMatchObject({
      ApproximateCreationDateTime: dynamo.test.clock.now(),
      ApproximateCreationDateTimePrecision: 'MILLISECOND',
    });
  });

  it('gets nothing any more once it is disabled, and stays in the list', async () => {
    await act('Enable', {
      EnableKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
    });
    await dynamo.putMarker('a');
    expect(await act('Disable')).toEqual({ TableName, StreamArn, DestinationStatus: 'DISABLING' });
    await dynamo.putMarker('b');

    expect(await changes()).toHaveLength(1);
    expect(await destinations()).toEqual([{ StreamArn, DestinationStatus: 'DISABLED' }]);
    await act('Enable');
    expect(await destinations()).toEqual([{ StreamArn, DestinationStatus: 'ACTIVE' }]);
  });

  it('is judged after the answer: why it failed stands in the list', async () => {
    const failed = async (arn: string) => {
      expect(await act('Enable', { StreamArn: arn })).toMatchObject({ DestinationStatus: 'ENABLING' });
      return (await destinations()) as { DestinationStatusDescription?: string }[];
    };
    expect(await failed(arnOf('of-nobody-at-all'))).toEqual([
      {
        StreamArn: arnOf('of-nobody-at-all'),
        DestinationStatus: 'ENABLE_FAILED',
        DestinationStatusDescription: 'User does not have a permission to use kinesis stream',
      },
    ]);
    const [elsewhere] = await failed(arnOf('changes-of-markers', 'eu-west-1:000000000000'));
    expect(elsewhere?.DestinationStatusDescription).toContain('a stream which is not in the current region');
    const [ofOthers] = await failed(arnOf('changes-of-markers', 'us-east-1:111111111111'));
    expect(ofOthers?.DestinationStatusDescription).toContain('a stream which is not in Active state');
    // The stream of the table itself is none of Kinesis.
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' };
    await dynamo.call('UpdateTable', { TableName, StreamSpecification });
    const { Table } = await dynamo.test.call<DescribeTableCommandOutput>('dynamodb', 'DescribeTable', { TableName });
    const list = await failed(Table?.LatestStreamArn as string);
    expect(list[0]?.DestinationStatusDescription).toBe('User does not have a permission to use kinesis stream');
    expect(list).toHaveLength(4);
    await act('Enable');
    expect((await destinations())?.[0 as never]).toEqual({ StreamArn, DestinationStatus: 'ACTIVE' });
  });

  it('is one at a time, and only one that is active is updated or disabled', async () => {
    const enabled = 'EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.';
    const disabled = 'KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.';
    const micro = { UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' } };
    const milli = { UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MILLISECOND' } };

    await expect(act('Disable')).rejects.toThrow(NOT_ENABLED + disabled);
    await expect(act('Update', micro)).rejects.toThrow(`No streaming destination with streamArn: ${StreamArn}`);
    await act('Enable');
    await expect(act('Enable')).rejects.toThrow(NOT_ENABLED + enabled);
    await expect(act('Enable', { StreamArn: arnOf('another-one-here') })).rejects.toThrow(NOT_ENABLED + enabled);
    await expect(act('Update')).rejects.toThrow('UpdateKinesisStreamingConfiguration cannot be null');
    await expect(act('Update', milli)).rejects.toThrow('already set to the desired value of MILLISECOND');
    await expect(
      act('Disable', {
        EnableKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
      }),
    ).rejects.toThrow('Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters');
    await act('Disable');
    await expect(act('Disable')).rejects.toThrow(disabled);
    await expect(act('Update', micro)).rejects.toThrow('Updates are only allowed in ACTIVE state.');
    await expect(act('Enable', { TableName: 'nothing' })).rejects.toThrow('Table: nothing not found');
    await expect(act('Enable', { StreamArn: 'arn' })).rejects.toThrow('length greater than or equal to 37');
  });

  it('that is deleted stays active: changes are lost and counted, until a stream of that name is there again', async () => {
    await act('Enable');
    await dynamo.test.call('kinesis', 'DeleteStream', { StreamARN: StreamArn });
    await dynamo.putMarker('lost');
    expect(await destinations()).toEqual([{ StreamArn, DestinationStatus: 'ACTIVE' }]);
    await makeStream();
    await dynamo.putMarker('kept');

    expect(await changes()).toMatchObject([{ dynamodb: { Keys: { id: { S: 'kept' } } } }]);
    const { Datapoints } = await dynamo.test.call<{ Datapoints: { Sum: number }[] }>(
      'cloudwatch',
      'GetMetricStatistics',
      {
        Namespace: 'AWS/DynamoDB',
        MetricName: 'FailedToReplicateRecordCount',
        Dimensions: [{ Name: 'TableName', Value: TableName }],
        StartTime: new Date(dynamo.test.clock.now() - MINUTE_MS),
        EndTime: new Date(dynamo.test.clock.now() + MINUTE_MS),
        Period: 60,
        Statistics: ['Sum'],
      },
    );
    expect(Datapoints).toMatchObject([{ Sum: 1 }]);
  });
});
