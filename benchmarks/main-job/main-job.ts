import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BareSqlite, measureBareHttp, measureBareSqlite } from '../src/ceilings.ts';
import { type LoadResult, runLoad, singleRequest } from '../src/http-load.ts';
import { functionResources, invokeBytes } from '../src/lambda-requests.ts';
import { MeasuredEngine } from '../src/measured-engine.ts';
import { percentile } from '../src/numbers.ts';
import { ASSEMBLY, type Upload, uploadBytes, uploadsFrom } from './uploads.ts';

export interface MainJobSize {
  /** Warm uploads, one after the other. */
  readonly latencyRuns: number;
  /** Uploads, some of them in flight at a time. */
  readonly files: number;
  readonly asyncEvents: number;
  readonly queuedEvents: number;
  readonly bareRequests: number;
  readonly bareRows: number;
}

export interface Queued {
  readonly acceptedPerSecond: number;
  readonly heapBytesPerEvent: number;
  readonly rssBytesPerEvent: number;
  /** Of the database file; 0 in memory. */
  readonly diskBytesPerEvent: number;
}

export interface PipelineResult {
  /** First upload of all, cold start included, in milliseconds. */
  readonly firstFileMs: number;
  /** From the PutObject to the record that says all products are stored, in milliseconds. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly filesPerSecond: number;
  readonly cpuMsPerFile: number;
  /** Share of it that the engine's own thread took. */
  readonly mainThreadMsPerFile: number;
}

export interface MainJobResult extends PipelineResult {
  readonly bareHttp: LoadResult;
  readonly bareSqlite: BareSqlite;
  readonly asyncAcceptedPerSecond: number;
  readonly asyncRunPerSecond: number;
  readonly cpuMsPerAsyncEvent: number;
  readonly queued: { readonly memory: Queued; readonly durable: Queued };
}

const CONNECTIONS = 16;
/** Files whose products are waited for before the next ones are sent. */
const IN_FLIGHT = 16;
/** About what an S3 event with one record is long. */
const EVENT = JSON.stringify({ Records: [{ eventSource: 'aws:s3', s3: { object: { key: 'x'.repeat(700) } } }] });

export const inTemporaryDirectory = async <Result>(act: (directory: string) => Promise<Result>): Promise<Result> => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    return await act(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const withEngine = async <Result>(
  dataDir: string | undefined,
  act: (engine: MeasuredEngine) => Promise<Result>,
): Promise<Result> => {
  const engine = await MeasuredEngine.start(dataDir);
  try {
    return await act(engine);
  } finally {
    await engine.stop();
  }
};

/** The pipeline as `npm start` has it: durable, live time, real files. */
export const measurePipeline = (
  size: Pick<MainJobSize, 'latencyRuns' | 'files'>,
  directory: string,
): Promise<PipelineResult> =>
  withEngine(join(directory, 'pipeline'), async (engine) => {
    const { UploadBucket: bucket } = await engine.ask('deployPipeline', ASSEMBLY);
    const put = (upload: Upload): Buffer => uploadBytes(engine.port, String(bucket), upload);
    const upload = async (uploads: readonly Upload[], inFlight: number): Promise<number> => {
      const rest = uploads.map((one) => ({ key: one.key, bytes: put(one) })).values();
      const begin = performance.now();
      const oneByOne = async (): Promise<void> => {
        for (const { key, bytes } of rest) {
          await runLoad({ port: engine.port, connections: 1, unitsMax: 1, unit: () => singleRequest(bytes) });
          await engine.ask('untilUploadEnds', key, inFlight);
        }
      };
      await Promise.all(Array.from({ length: inFlight }, oneByOne));
      return performance.now() - begin;
    };

    const firstFileMs = await upload(uploadsFrom(0, 1), 1);
    // What follows a file (validation, error reports, a second environment) starts cold too, and would be in the way.
    for (const one of uploadsFrom(1, size.latencyRuns)) await upload([one], 1);
    const latencies: number[] = [];
    for (const one of uploadsFrom(1 + size.latencyRuns, size.latencyRuns)) latencies.push(await upload([one], 1));
    // A first round starts the environments; the second one is measured.
    const rest = 1 + 2 * size.latencyRuns;
    await upload(uploadsFrom(rest, size.files), IN_FLIGHT);
    const before = await engine.ask('cpu');
    const measured = uploadsFrom(rest + size.files, size.files);
    const seconds = (await upload(measured, IN_FLIGHT)) / 1_000;
    const after = await engine.ask('cpu');

    const { Count = 0 } = await engine.ask('call', 'dynamodb', 'Scan', { TableName: 'products', Select: 'COUNT' });
    if (Number(Count) === 0) throw new Error('the pipeline stored no products');
    return {
      firstFileMs,
      latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
      filesPerSecond: size.files / seconds,
      cpuMsPerFile: (after.cpuMs - before.cpuMs) / size.files,
      mainThreadMsPerFile: (after.mainThreadMs - before.mainThreadMs) / size.files,
    };
  });

const measureAsync = (size: MainJobSize, directory: string) =>
  withEngine(join(directory, 'async'), async (engine) => {
    await engine.ask('deployTemplate', {
      Resources: functionResources('trivial', 'exports.handler = async () => null;'),
    });
    const invoke = invokeBytes(engine.port, 'trivial', 'Event', EVENT);
    const load = (count: number) =>
      runLoad({ port: engine.port, connections: CONNECTIONS, unitsMax: count, unit: () => singleRequest(invoke) });
    const warmUp = Math.min(500, size.asyncEvents);
    await load(warmUp);
    await engine.ask('untilMetric', 'trivial', 'Invocations', warmUp);
    const before = await engine.ask('cpu');
    const begin = performance.now();
    const accepted = await load(size.asyncEvents);
    const run = await engine.ask('untilMetric', 'trivial', 'Invocations', warmUp + size.asyncEvents);
    const seconds = (performance.now() - begin) / 1_000;
    if (run !== warmUp + size.asyncEvents) throw new Error(`${run} runs of ${warmUp + size.asyncEvents} events`);
    const after = await engine.ask('cpu');
    return {
      asyncAcceptedPerSecond: accepted.perSecond,
      asyncRunPerSecond: size.asyncEvents / seconds,
      cpuMsPerAsyncEvent: (after.cpuMs - before.cpuMs) / size.asyncEvents,
    };
  });

/** Events behind a handler that never ends and a reserved concurrency of one: all of them wait. */
const measureQueued = async (size: MainJobSize, dataDir: string | undefined): Promise<Queued> => {
  const warmUp = Math.min(1_000, size.queuedEvents);
  const queued = await withEngine(dataDir, async (engine) => {
    await engine.ask('deployTemplate', {
      Resources: functionResources('stuck', 'exports.handler = () => new Promise(() => {});', {
        ReservedConcurrentExecutions: 1,
        Timeout: 900,
      }),
    });
    const invoke = invokeBytes(engine.port, 'stuck', 'Event', EVENT);
    const load = (count: number) =>
      runLoad({ port: engine.port, connections: CONNECTIONS, unitsMax: count, unit: () => singleRequest(invoke) });
    await load(warmUp);
    const before = await engine.ask('memory');
    const accepted = await load(size.queuedEvents);
    const after = await engine.ask('memory');
    return {
      acceptedPerSecond: accepted.perSecond,
      heapBytesPerEvent: (after.heapBytes - before.heapBytes) / size.queuedEvents,
      rssBytesPerEvent: (after.rssBytes - before.rssBytes) / size.queuedEvents,
    };
  });
  const diskBytes = dataDir === undefined ? 0 : bytesOfLog(dataDir);
  return { ...queued, diskBytesPerEvent: diskBytes / (size.queuedEvents + warmUp) };
};

const bytesOfLog = (dataDir: string): number =>
  readdirSync(dataDir)
    .filter((name) => name.startsWith('log-'))
    .reduce((sum, name) => sum + statSync(join(dataDir, name)).size, 0);

/** Measures everything once; ceilings and engine take turns so that all see the same machine. */
export const measureMainJob = (size: MainJobSize): Promise<MainJobResult> =>
  inTemporaryDirectory(async (directory) => {
    const bareHttp = await measureBareHttp(size.bareRequests, CONNECTIONS);
    const pipeline = await measurePipeline(size, directory);
    const bareSqlite = measureBareSqlite(size.bareRows, CONNECTIONS, EVENT);
    const async = await measureAsync(size, directory);
    const memory = await measureQueued(size, undefined);
    const durable = await measureQueued(size, join(directory, 'queued'));
    return { bareHttp, bareSqlite, ...pipeline, ...async, queued: { memory, durable } };
  });
