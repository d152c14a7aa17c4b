import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBareHttp } from '../src/ceilings.ts';
import { jsonCall, type LoadResult, requestBytes, runLoad, singleRequest } from '../src/http-load.ts';
import { functionResources, invokeBytes, signedHeaders } from '../src/lambda-requests.ts';
import { MeasuredEngine } from '../src/measured-engine.ts';
import { median } from '../src/numbers.ts';

export interface LambdaSize {
  readonly syncInvokes: number;
  readonly asyncEvents: number;
  readonly messages: number;
  /** Records of a stream; a multiple of shards × batch size. */
  readonly records: number;
  readonly coldStarts: number;
  /** Environments that are held idle to see what one weighs. */
  readonly environments: number;
  readonly bareRequests: number;
}

export interface LambdaResult {
  readonly bareHttp: LoadResult;
  /** Requests to the gateway that run nothing (`GetFunctionConfiguration`), one at a time. */
  readonly gateway: LoadResult;
  /** Warm synchronous no-op invokes, one at a time: what is above `gateway` is the price of running a function. */
  readonly syncOneByOne: LoadResult;
  readonly syncTogether: LoadResult;
  readonly cpuMsPerSync: number;
  readonly asyncAcceptedPerSecond: number;
  readonly asyncRunPerSecond: number;
  readonly cpuMsPerAsync: number;
  readonly fromQueue: Readonly<Record<'batch1' | 'batch10', { perSecond: number; cpuMsPerMessage: number }>>;
  readonly fromStream: { readonly perSecond: number; readonly cpuMsPerRecord: number };
  /** New environment for a handler without imports, from the call to its answer, in milliseconds. */
  readonly coldStartMs: number;
  readonly rssBytesPerEnvironment: number;
}

const CONNECTIONS = 16;
const EVENT = JSON.stringify({ orderId: 'x'.repeat(100) });
const NO_OP = 'exports.handler = async () => null;';
const HELD = 'exports.handler = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms));';

const workerResources = (name: string, batchSize: number): Record<string, object> => ({
  ...functionResources(name, NO_OP),
  [`${name}Queue`]: { Type: 'AWS::SQS::Queue', Properties: { QueueName: name, VisibilityTimeout: 300 } },
  [`${name}Mapping`]: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: name },
      EventSourceArn: { 'Fn::GetAtt': [`${name}Queue`, 'Arn'] },
      BatchSize: batchSize,
      Enabled: false,
    },
  },
});

const SHARDS = 4;
const RECORDS_PER_BATCH = 100;

const streamResources = (name: string): Record<string, object> => ({
  ...functionResources(name, NO_OP),
  [`${name}Stream`]: { Type: 'AWS::Kinesis::Stream', Properties: { Name: name, ShardCount: SHARDS } },
  [`${name}Mapping`]: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      FunctionName: { Ref: name },
      EventSourceArn: { 'Fn::GetAtt': [`${name}Stream`, 'Arn'] },
      BatchSize: RECORDS_PER_BATCH,
      StartingPosition: 'TRIM_HORIZON',
      Enabled: false,
    },
  },
});

/** As {@link measureFromQueue}: the stream is full before the mapping is enabled, its records spread evenly over the shards. */
const measureFromStream = async (engine: MeasuredEngine, name: string, records: number) => {
  const { port } = engine;
  const Records = Array.from({ length: RECORDS_PER_BATCH }, (_, index) => ({
    Data: Buffer.from(EVENT).toString('base64'),
    PartitionKey: String(index),
    ExplicitHashKey: String(BigInt(index % SHARDS) << 126n),
  }));
  const headers = { ...jsonCall('Kinesis_20131202.PutRecords'), 'Content-Type': 'application/x-amz-json-1.1' };
  const bytes = requestBytes(port, '/', headers, JSON.stringify({ StreamName: name, Records }));
  await runLoad({ port, connections: SHARDS, unitsMax: records / RECORDS_PER_BATCH, unit: () => singleRequest(bytes) });

  const before = await engine.ask('cpu');
  const { EventSourceMappings } = await engine.ask('call', 'lambda', 'ListEventSourceMappings', { FunctionName: name });
  const [mapping] = EventSourceMappings as { UUID: string }[];
  const begin = performance.now();
  await engine.ask('call', 'lambda', 'UpdateEventSourceMapping', { UUID: mapping?.UUID, Enabled: true });
  const wanted = records / RECORDS_PER_BATCH;
  const runs = await engine.ask('untilMetric', name, 'Invocations', wanted);
  const seconds = (performance.now() - begin) / 1_000;
  const after = await engine.ask('cpu');
  if (runs !== wanted) throw new Error(`${runs} runs instead of ${wanted}`);
  return { perSecond: records / seconds, cpuMsPerRecord: (after.cpuMs - before.cpuMs) / records };
};

/** Fills the queue first, then enables the mapping: what is measured is the way from the queue through the function. */
const measureFromQueue = async (engine: MeasuredEngine, name: string, batchSize: number, messages: number) => {
  const { port } = engine;
  const queueUrl = `http://127.0.0.1:${port}/000000000000/${name}`;
  const entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: EVENT }));
  const body = JSON.stringify({ QueueUrl: queueUrl, Entries: entries });
  const bytes = requestBytes(port, '/', jsonCall('AmazonSQS.SendMessageBatch'), body);
  await runLoad({ port, connections: CONNECTIONS, unitsMax: messages / 10, unit: () => singleRequest(bytes) });

  const before = await engine.ask('cpu');
  const { EventSourceMappings } = await engine.ask('call', 'lambda', 'ListEventSourceMappings', { FunctionName: name });
  const [mapping] = EventSourceMappings as { UUID: string }[];
  const begin = performance.now();
  await engine.ask('call', 'lambda', 'UpdateEventSourceMapping', { UUID: mapping?.UUID, Enabled: true });
  const runs = await engine.ask('untilMetric', name, 'Invocations', Math.ceil(messages / batchSize));
  const seconds = (performance.now() - begin) / 1_000;
  const after = await engine.ask('cpu');
  if (runs > messages) throw new Error(`${runs} runs for ${messages} messages`);
  const { Attributes } = await engine.ask('call', 'sqs', 'GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  const left = (Attributes as Record<string, string>)['ApproximateNumberOfMessages'];
  if (left !== '0') throw new Error(`${left} messages are left in ${name}`);
  return { perSecond: messages / seconds, cpuMsPerMessage: (after.cpuMs - before.cpuMs) / messages };
};

const measureColdStart = async (engine: MeasuredEngine, runs: number): Promise<number> => {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    // Another configuration: no environment of the one before serves it.
    await engine.ask('call', 'lambda', 'UpdateFunctionConfiguration', {
      FunctionName: 'cold',
      Environment: { Variables: { RUN: String(run) } },
    });
    const begin = performance.now();
    const bytes = invokeBytes(engine.port, 'cold', 'RequestResponse', EVENT);
    await runLoad({ port: engine.port, connections: 1, unitsMax: 1, unit: () => singleRequest(bytes) });
    times.push(performance.now() - begin);
  }
  return median(times);
};

const measureEnvironments = async (engine: MeasuredEngine, count: number): Promise<number> => {
  const before = await engine.ask('memory');
  const bytes = invokeBytes(engine.port, 'held', 'RequestResponse', JSON.stringify({ ms: 500 + 100 * count }));
  await runLoad({ port: engine.port, connections: count, unitsMax: count, unit: () => singleRequest(bytes) });
  const after = await engine.ask('memory');
  return (after.rssBytes - before.rssBytes) / count;
};

/** Measures everything once, each part beside the ceilings of the same run. */
export const measureLambda = async (size: LambdaSize): Promise<LambdaResult> => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const engine = await MeasuredEngine.start(join(directory, 'state'));
  const { port } = engine;
  try {
    await engine.ask('deployTemplate', {
      Resources: {
        ...functionResources('noop', NO_OP),
        ...functionResources('cold', NO_OP),
        ...functionResources('held', HELD, { Timeout: 60 }),
        ...workerResources('one', 1),
        ...workerResources('ten', 10),
        ...streamResources('stream'),
      },
    });
    const bareHttp = await measureBareHttp(size.bareRequests, CONNECTIONS);

    const sync = invokeBytes(port, 'noop', 'RequestResponse', EVENT);
    const load = (bytes: Buffer, connections: number, count: number): Promise<LoadResult> =>
      runLoad({ port, connections, unitsMax: count, unit: () => singleRequest(bytes) });
    const nothing = requestBytes(port, '/2015-03-31/functions/noop/configuration', signedHeaders('lambda'), '', 'GET');
    await load(sync, CONNECTIONS, Math.min(500, size.syncInvokes));
    await load(nothing, 1, Math.min(500, size.syncInvokes));
    const gateway = await load(nothing, 1, size.syncInvokes);
    const syncOneByOne = await load(sync, 1, size.syncInvokes);
    const before = await engine.ask('cpu');
    const syncTogether = await load(sync, CONNECTIONS, size.syncInvokes);
    const after = await engine.ask('cpu');

    const ranBefore = await engine.ask('untilMetric', 'noop', 'Invocations', 1);
    const event = invokeBytes(port, 'noop', 'Event', EVENT);
    const beforeAsync = await engine.ask('cpu');
    const begin = performance.now();
    const accepted = await load(event, CONNECTIONS, size.asyncEvents);
    const wanted = ranBefore + size.asyncEvents;
    const ran = await engine.ask('untilMetric', 'noop', 'Invocations', wanted);
    const asyncSeconds = (performance.now() - begin) / 1_000;
    if (ran !== wanted) throw new Error(`${ran} runs instead of ${wanted}`);
    const afterAsync = await engine.ask('cpu');

    const batch1 = await measureFromQueue(engine, 'one', 1, size.messages);
    const batch10 = await measureFromQueue(engine, 'ten', 10, size.messages);
    const fromStream = await measureFromStream(engine, 'stream', size.records);
    return {
      bareHttp,
      gateway,
      syncOneByOne,
      syncTogether,
      cpuMsPerSync: (after.cpuMs - before.cpuMs) / size.syncInvokes,
      asyncAcceptedPerSecond: accepted.perSecond,
      asyncRunPerSecond: size.asyncEvents / asyncSeconds,
      cpuMsPerAsync: (afterAsync.cpuMs - beforeAsync.cpuMs) / size.asyncEvents,
      fromQueue: { batch1, batch10 },
      fromStream,
      coldStartMs: await measureColdStart(engine, size.coldStarts),
      rssBytesPerEnvironment: await measureEnvironments(engine, size.environments),
    };
  } finally {
    await engine.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};
