import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@holdfast/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callJson } from './testing/call-json.ts';
import { EngineProcess } from './testing/engine-process.ts';

const TARGETS = {
  kinesis: 'Kinesis_20131202',
  dynamodb: 'DynamoDB_20120810',
  streams: 'DynamoDBStreams_20120810',
} as const;

const call = <Output>(
  endpoint: string,
  service: keyof typeof TARGETS,
  action: string,
  input: object,
): Promise<Output> => callJson(endpoint, '1.1', `${TARGETS[service]}.${action}`, input);

interface KinesisRecords {
  readonly Records: readonly { readonly Data: string; readonly SequenceNumber: string }[];
}

interface TableRecords {
  readonly Records: readonly {
    readonly dynamodb: { readonly SequenceNumber: string; readonly Keys: { readonly id: { readonly S: string } } };
  }[];
}

const KILLS = 3;
const WRITERS = 4;
/** Load goes on until so much was acknowledged, and then for a random while: machines differ. */
const WRITES_BEFORE_KILL = 20;
const LOAD_MAX_MS = 10_000;

describe('kill -9 while streams are written', () => {
  let directory: string;
  let engine: EngineProcess | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-crash-'));
  });

  afterEach(async () => {
    await engine?.kill();
    engine = undefined;
    rmSync(directory, { recursive: true, force: true });
  });

  it('loses no acknowledged record and no change of an item, and gives no sequence number twice', async () => {
    const random = seededRandom(1);
    const put = new Map<string, string>();
    const written = new Set<string>();
    let next = 0;
    let streamArn = '';

    for (let round = 0; round < KILLS; round++) {
      const running = await EngineProcess.start(directory);
      engine = running;
      const { endpoint } = running;
      if (round === 0) {
        await call(endpoint, 'kinesis', 'CreateStream', { StreamName: 's', ShardCount: 1 });
        const { TableDescription } = await call<{ TableDescription: { LatestStreamArn: string } }>(
          endpoint,
          'dynamodb',
          'CreateTable',
          {
            TableName: 'items',
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            BillingMode: 'PAY_PER_REQUEST',
            StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
          },
        );
        streamArn = TableDescription.LatestStreamArn;
      }
      let isOver = false;
      const untilKilled = async (act: () => Promise<void>): Promise<void> => {
        while (!isOver) await act().catch(() => {});
      };
      const putRecord = async (): Promise<void> => {
        const text = `record ${next++}`;
        const { SequenceNumber } = await call<{ SequenceNumber: string }>(endpoint, 'kinesis', 'PutRecord', {
          StreamName: 's',
          Data: btoa(text),
          PartitionKey: 'k',
        });
        put.set(text, SequenceNumber);
      };
      const putItem = async (): Promise<void> => {
        const id = `item ${next++}`;
        await call(endpoint, 'dynamodb', 'PutItem', { TableName: 'items', Item: { id: { S: id } } });
        written.add(id);
      };
      const load = Promise.all(
        Array.from({ length: WRITERS }, (_, n) => untilKilled(n % 2 === 0 ? putRecord : putItem)),
      );
      const recordsBefore = put.size;
      const itemsBefore = written.size;
      const startedAt = performance.now();
      while (
        (put.size - recordsBefore < WRITES_BEFORE_KILL || written.size - itemsBefore < WRITES_BEFORE_KILL) &&
        performance.now() - startedAt < LOAD_MAX_MS
      ) {
        await sleep(10);
      }
      await sleep(random.nextInt(250));
      isOver = true;
      await running.kill();
      engine = undefined;
      await load;
    }

    engine = await EngineProcess.start(directory);
    const { endpoint } = engine;
    const { ShardIterator } = await call<{ ShardIterator: string }>(endpoint, 'kinesis', 'GetShardIterator', {
      StreamName: 's',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await call<KinesisRecords>(endpoint, 'kinesis', 'GetRecords', { ShardIterator });
    const numbers = Records.map((record) => record.SequenceNumber);
    expect(put.size).toBeGreaterThanOrEqual(KILLS * WRITES_BEFORE_KILL);
    expect(numbers).toEqual([...new Set(numbers)].sort());
    const found = new Map(Records.map((record) => [atob(record.Data), record.SequenceNumber]));
    expect([...put].filter(([text, number]) => found.get(text) !== number)).toEqual([]);

    const { StreamDescription } = await call<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
      endpoint,
      'streams',
      'DescribeStream',
      { StreamArn: streamArn },
    );
    let { ShardIterator: from } = await call<{ ShardIterator: string }>(endpoint, 'streams', 'GetShardIterator', {
      StreamArn: streamArn,
      ShardId: StreamDescription.Shards[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const changes: string[] = [];
    const changeNumbers: string[] = [];
    for (;;) {
      const page = await call<TableRecords & { NextShardIterator: string }>(endpoint, 'streams', 'GetRecords', {
        ShardIterator: from,
      });
      if (page.Records.length === 0) break;
      changes.push(...page.Records.map((record) => record.dynamodb.Keys.id.S));
      changeNumbers.push(...page.Records.map((record) => record.dynamodb.SequenceNumber));
      from = page.NextShardIterator;
    }
    expect(written.size).toBeGreaterThanOrEqual(KILLS * WRITES_BEFORE_KILL);
    expect([...written].filter((id) => !changes.includes(id))).toEqual([]);
    expect(changes).toHaveLength(new Set(changes).size);
    expect(changeNumbers).toEqual([...new Set(changeNumbers)].sort());
  }, 60_000);
});
