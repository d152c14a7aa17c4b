import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmHistoryCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startTestEngine, type TestEngine } from '@holdfast/testing';
import { expect, it, onTestFinished } from 'vitest';
import { buildApp } from './app.ts';

/** The long form: `INGESTION_EVENTS=10000 npx vitest run packages/stacks/src/ingestion-lab-load`. */
const EVENTS = Number(process.env['INGESTION_EVENTS'] ?? 100);

/** Every so many are posted twice at the same time. */
const TWICE_EVERY = 5;

/** Each at the same time is a cold start at first. */
const AT_ONCE = 8;
const BEGAN = new Date('2026-11-29T09:00:00Z');

/** Below the burst that the API takes while its time stands still. */
const POSTS_A_SECOND = 800;

const inGroups = async (numbers: readonly number[], size: number, work: (some: readonly number[]) => Promise<void>) => {
  for (let start = 0; start < numbers.length; start += size) await work(numbers.slice(start, start + size));
};

const postAll = async (aws: TestEngine, apiUrl: string): Promise<void> => {
  const post = async (number: number): Promise<void> => {
    const { status } = await fetch(`${apiUrl}/events`, {
      method: 'POST',
      body: JSON.stringify({ orderId: `order-${number}`, amount: number }),
    });
    expect(status).toBe(202);
  };
  const posts = Array.from({ length: EVENTS }, (_, number) => (number % TWICE_EVERY === 0 ? [number, number] : number));
  await inGroups(posts.flat(), POSTS_A_SECOND, async (second) => {
    await inGroups(second, AT_ONCE, async (some) => void (await Promise.all(some.map(post))));
    await aws.advance({ seconds: 1 });
  });
};

/** The sum of a metric of the lab's own. */
const countOf = async (aws: TestEngine, MetricName: string): Promise<number> => {
  const { Datapoints = [] } = await aws.client(CloudWatchClient).send(
    new GetMetricStatisticsCommand({
      Namespace: 'Holdfast/Ingestion',
      MetricName,
      Dimensions: [{ Name: 'service', Value: 'ingestion-dev' }],
      StartTime: BEGAN,
      EndTime: new Date(BEGAN.getTime() + 86_400_000),
      Period: 86_400,
      Statistics: ['Sum'],
    }),
  );
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
};

/** What was booked: how often each event took effect. */
const effectsOf = async (aws: TestEngine): Promise<ReadonlyMap<string, string>> => {
  const effects = new Map<string, string>();
  const client = aws.client(DynamoDBClient);
  for await (const { Items = [] } of paginateScan({ client }, { TableName: 'ingestion-events-dev' })) {
    for (const { event_id, status, effects: times } of Items) {
      effects.set(event_id?.S ?? '', `${status?.S} ${times?.N ?? 0}`);
    }
  }
  return effects;
};

const statesOf = async (aws: TestEngine, AlarmName: string): Promise<readonly string[]> => {
  const { AlarmHistoryItems = [] } = await aws
    .client(CloudWatchClient)
    .send(new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: 'StateUpdate', ScanBy: 'TimestampAscending' }));
  return AlarmHistoryItems.map(({ HistoryData = '{}' }) => JSON.parse(HistoryData).newState.stateValue as string);
};

it('gives each of many events its effect once, though tries fail and posts are doubled; a redrive empties the rest', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'holdfast-ingestion-load-'));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  // Three receives leave more to redrive than five.
  buildApp({
    app: { outdir, context: { maxReceiveCount: 3 } },
    stacks: ['IngestionLab'],
    props: { IngestionLab: { failureSeed: '7' } },
  }).synth();
  await using aws = await startTestEngine({ startAt: BEGAN });
  const [stack] = await aws.deploy(outdir);
  const apiUrl = stack?.outputs['ApiUrl'] ?? '';
  const setMode = async (Value: string): Promise<void> => {
    const Name = '/ingestion/failure_mode';
    await aws.client(SSMClient).send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    await aws.advance({ seconds: 6 });
  };

  await setMode('random_fail_p30');
  await postAll(aws, apiUrl);
  await aws.advance({ minutes: 20 });
  const failed = (await aws.messages('ingestion-events-dlq-dev')).length;
  // A share of 0.3 to the power of 3 of those that were sent, doubles included, a few of which find the other done.
  expect(failed / EVENTS).toBeGreaterThan(0.01);
  expect(failed / EVENTS).toBeLessThan(0.06);

  await setMode('none');
  const answer = await fetch(`${apiUrl}/redrive/start`, { method: 'POST', body: '{"maxMessages":1000,"rate":100}' });
  const { jobId } = (await answer.json()) as { jobId: string };
  await aws.advance({ minutes: 10 });
  const job = await (await fetch(`${apiUrl}/redrive/${jobId}`)).json();
  expect(job).toMatchObject({ state: 'completed', moved: failed, cameBack: 0, failed: 0 });
  expect(await aws.messages('ingestion-events-dlq-dev')).toEqual([]);
  expect(await aws.messages('ingestion-events-dev')).toEqual([]);

  const effects = await effectsOf(aws);
  expect(effects.size).toBe(EVENTS);
  expect([...effects].filter(([, effect]) => effect !== 'PROCESSED 1')).toEqual([]);
  // Each once in effect, and each effect counted once, whatever was tried in between.
  const counts: Record<string, number> = { posts: EVENTS + Math.ceil(EVENTS / TWICE_EVERY), redriven: failed };
  for (const metric of [
    'EventsProcessed',
    'EffectsFoundDone',
    'IdempotencyHits',
    'FailedTRANSIENT',
    'EventsPutAside',
  ]) {
    counts[metric] = await countOf(aws, metric);
  }
  expect(counts).toMatchObject({ EventsProcessed: EVENTS, EventsPutAside: failed });
  if (process.env['INGESTION_EVENTS'] !== undefined) console.info(EVENTS, 'events:', JSON.stringify(counts));
  for (const alarm of ['ingestion-dlq-depth-dev', 'ingestion-dlq-arrivals-dev']) {
    const states = await statesOf(aws, alarm);
    expect(states).toContain('ALARM');
    expect(states.at(-1)).toBe('OK');
  }
}, 7_200_000);
