/** What people wait for: the whole run in virtual time beside the bare work of its handlers, cold starts, `npm start`. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { storedZip } from '../lambda/stored-zip.ts';
import { runLoad, singleRequest } from '../src/http-load.ts';
import { invokeBytes } from '../src/lambda-requests.ts';
import { MeasuredEngine } from '../src/measured-engine.ts';
import { percentile } from '../src/numbers.ts';
import { ownChild } from '../src/own-children.ts';
import { measurePipeline, type PipelineResult } from './main-job.ts';
import { ASSEMBLY, type Upload, uploadBytes, uploadsFrom } from './uploads.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMAND = join(ROOT, 'packages/cli/bin/holdfast.mjs');
const PARSER = 'csv-parser';
/** Between two looks at what a process has used. */
const LOOK_EVERY_MS = 20;
const TICKS_PER_SECOND = 100;

export interface WarmJob {
  readonly bundle: string;
  readonly warmUp: readonly object[];
  readonly events: readonly object[];
}

export interface WarmResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly products: number;
}

export interface TargetsResult {
  /** The parser's bundle, one file after another in one process that has warmed up; the engine is another process. */
  readonly warm: WarmResult & { readonly engineCpuSeconds: number };
  /** `black-friday --virtual`; processor and memory are those of the whole command. */
  readonly virtual: WarmResult & { readonly peakBytes: number; readonly done: number; readonly rejectedRows: number };
  /** Of `csv-parser`, its thread and the helpers of V8; what loading it takes, and a call that ends at once. */
  readonly coldStartCpuMs: number;
  /** Of a function that does nothing, invoked over the gateway by one caller, in memory: the median, in milliseconds. */
  readonly noOpMs: number;
  /** Uploads in live time, 16 in flight, after as many that started the environments. */
  readonly live: PipelineResult & { readonly files: number };
  /** Of the command that `npm start` runs, with an empty directory for its data. */
  readonly start: { readonly firstLineMs: number; readonly readyMs: number };
}

const eventOf = (bucket: string, { key, body }: Upload, index: number): object => ({
  Records: [
    {
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      eventTime: new Date().toISOString(),
      s3: {
        bucket: { name: bucket },
        object: {
          key: encodeURIComponent(key).replaceAll('%2F', '/'),
          size: Buffer.byteLength(body),
          eTag: createHash('md5').update(body).digest('hex'),
          sequencer: index.toString(16).padStart(16, '0'),
        },
      },
    },
  ],
});

interface FunctionResource {
  readonly Properties?: { readonly FunctionName?: unknown; readonly Code?: { readonly S3Key?: string } };
}

const parserBundle = (): string => {
  const template = readFileSync(join(ASSEMBLY, 'VendorOnboarding.template.json'), 'utf8');
  const { Resources } = JSON.parse(template) as { Resources: Record<string, FunctionResource> };
  const parser = Object.values(Resources).find(({ Properties }) => Properties?.FunctionName === PARSER);
  return join(ASSEMBLY, `asset.${parser?.Properties?.Code?.S3Key?.replace('.zip', '')}`, 'index.mjs');
};

interface FunctionConfiguration {
  readonly Environment?: { readonly Variables?: Record<string, string> };
}

const measureColdStart = async (engine: MeasuredEngine, count: number): Promise<number> => {
  const { Environment } = (await engine.ask('call', 'lambda', 'GetFunctionConfiguration', {
    FunctionName: PARSER,
  })) as FunctionConfiguration;
  const costs: number[] = [];
  for (let round = 0; round < count; round++) {
    const Variables = { ...Environment?.Variables, ROUND: String(round) };
    await engine.ask('call', 'lambda', 'UpdateFunctionConfiguration', {
      FunctionName: PARSER,
      Environment: { Variables },
    });
    const before = await engine.ask('cpu');
    // No event of S3: it says so at once.
    await engine.ask('call', 'lambda', 'Invoke', { FunctionName: PARSER, Payload: Buffer.from('{}') });
    const after = await engine.ask('cpu');
    costs.push(after.cpuMs - before.cpuMs - (after.mainThreadMs - before.mainThreadMs));
  }
  return percentile(costs, 0.5);
};

const measureNoOp = async (engine: MeasuredEngine, invocations: number): Promise<number> => {
  const name = 'no-op';
  await engine.ask('call', 'lambda', 'CreateFunction', {
    FunctionName: name,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/bench',
    Code: { ZipFile: storedZip('index.js', 'exports.handler = async () => null;') },
  });
  const bytes = invokeBytes(engine.port, name, 'RequestResponse', '{}');
  const load = (unitsMax: number) =>
    runLoad({ port: engine.port, connections: 1, unitsMax, unit: () => singleRequest(bytes) });
  await load(invocations);
  return (await load(invocations)).p50;
};

/** The parser's work without environments: nothing is told of the uploads, so that nobody else takes them. */
const measureWarm = async ({
  files,
  coldStarts,
  noOps,
}: TargetsSize): Promise<Pick<TargetsResult, 'warm' | 'coldStartCpuMs' | 'noOpMs'>> => {
  const engine = await MeasuredEngine.start();
  try {
    const { UploadBucket: bucket = '' } = await engine.ask('deployPipeline', ASSEMBLY);
    const coldStartCpuMs = await measureColdStart(engine, coldStarts);
    const noOpMs = await measureNoOp(engine, noOps);
    await engine.ask('call', 's3', 'PutBucketNotificationConfiguration', {
      Bucket: bucket,
      NotificationConfiguration: {},
    });
    const named = (prefix: string, uploads: readonly Upload[]): readonly Upload[] =>
      uploads.map(({ key, body }) => ({ key: key.replace(/\/(?=[^/]*$)/, `/${prefix}-`), body }));
    const uploads = named('warm', uploadsFrom(0, files));
    const warmUp = named('first', uploadsFrom(0, Math.ceil(files / 5)));
    const requests = [...warmUp, ...uploads].map((upload) => uploadBytes(engine.port, bucket, upload));
    let next = 0;
    await runLoad({
      port: engine.port,
      connections: 4,
      unitsMax: requests.length,
      unit: () => singleRequest(requests[next++] as Buffer),
    });
    const { Environment } = (await engine.ask('call', 'lambda', 'GetFunctionConfiguration', {
      FunctionName: PARSER,
    })) as FunctionConfiguration;
    const child = ownChild(
      fork(fileURLToPath(new URL('./warm-main.ts', import.meta.url)), [], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
        env: {
          ...process.env,
          ...Environment?.Variables,
          PARSER_LATENCY_MS: '0',
          AWS_ENDPOINT_URL: `http://127.0.0.1:${engine.port}`,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'any',
          AWS_SECRET_ACCESS_KEY: 'any',
        },
      }),
    );
    const before = await engine.ask('cpu');
    const answer = once(child, 'message');
    child.send({
      bundle: parserBundle(),
      warmUp: warmUp.map((upload, index) => eventOf(bucket, upload, index)),
      events: uploads.map((upload, index) => eventOf(bucket, upload, index)),
    } satisfies WarmJob);
    const [warm] = (await Promise.race([
      answer,
      once(child, 'exit').then(() => Promise.reject(new Error('the handlers ended early'))),
    ])) as [WarmResult];
    const after = await engine.ask('cpu');
    return { warm: { ...warm, engineCpuSeconds: (after.cpuMs - before.cpuMs) / 1_000 }, coldStartCpuMs, noOpMs };
  } finally {
    await engine.stop();
  }
};

/** What a process has used until it ends, as Linux counts it; the last look may be a few milliseconds old. */
const followUsage = (child: ChildProcess): { readonly cpuSeconds: () => number; readonly peakBytes: () => number } => {
  let cpuSeconds = Number.NaN;
  let peakBytes = Number.NaN;
  const look = setInterval(() => {
    try {
      const [user, system] = (readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1] ?? '')
        .split(' ')
        .slice(11);
      cpuSeconds = (Number(user) + Number(system)) / TICKS_PER_SECOND;
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
      if (peak !== undefined) peakBytes = Number(peak) * 1_024;
    } catch {
      // It has ended, or this is not Linux.
    }
  }, LOOK_EVERY_MS);
  child.once('exit', () => clearInterval(look));
  return { cpuSeconds: () => cpuSeconds, peakBytes: () => peakBytes };
};

interface Report {
  readonly files: { readonly done: number; readonly total: number };
  readonly products: number;
  readonly rejectedRows: number;
  readonly wallSeconds: number;
}

const measureVirtual = async (files: number): Promise<TargetsResult['virtual']> => {
  const { AWS_ENDPOINT_URL: _, ...env } = process.env;
  const child = ownChild(
    spawn(process.execPath, [COMMAND, 'black-friday', '--virtual', '--files', String(files), '--json'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  const usage = followUsage(child);
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`black-friday ended with ${code}`);
  const report = JSON.parse(lines.at(-1) ?? '') as Report;
  if (report.files.done !== files) throw new Error(`${report.files.done} of ${files} files are done`);
  return {
    seconds: report.wallSeconds,
    cpuSeconds: usage.cpuSeconds(),
    peakBytes: usage.peakBytes(),
    products: report.products,
    done: report.files.done,
    rejectedRows: report.rejectedRows,
  };
};

/** Milliseconds from the start of the command to its first line, and to the one that says where the engine is. */
const measureStart = async (dataDir: string): Promise<TargetsResult['start']> => {
  const begin = performance.now();
  const child = ownChild(
    spawn(process.execPath, [COMMAND, 'up', '--port', '0', '--data-dir', dataDir], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let firstLineMs: number | undefined;
  const { promise: ready, resolve } = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      firstLineMs ??= performance.now() - begin;
      if (line.includes('Holdfast is up')) resolve(performance.now() - begin);
    });
  }
  const ended = once(child, 'exit');
  const readyMs = await Promise.race([ready, ended.then(() => Promise.reject(new Error('up ended by itself')))]);
  child.kill('SIGINT');
  await ended;
  return { firstLineMs: firstLineMs ?? readyMs, readyMs };
};

export interface TargetsSize {
  readonly files: number;
  readonly liveFiles: number;
  readonly coldStarts: number;
  /** Invocations of a function that does nothing, after as many that warm it up. */
  readonly noOps: number;
}

/** Parts in turn, so that all see the same machine. The command must be built, and is the one beside us. */
export const measureTargets = async (size: TargetsSize, directory: string): Promise<TargetsResult> => {
  const { warm, coldStartCpuMs, noOpMs } = await measureWarm(size);
  const virtual = await measureVirtual(size.files);
  if (virtual.products !== warm.products)
    throw new Error(`${warm.products} products of the warm handlers, ${virtual.products} in virtual time`);
  const { liveFiles } = size;
  const live = { files: liveFiles, ...(await measurePipeline({ latencyRuns: 10, files: liveFiles }, directory)) };
  return { warm, virtual, coldStartCpuMs, noOpMs, live, start: await measureStart(join(directory, 'start')) };
};
