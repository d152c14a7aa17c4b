import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FSYNC_MODES, type FsyncMode } from '@holdfast/local';
import { jsonCall } from './http-load.ts';
import { ownChild } from './own-children.ts';

export interface ServerUnderTest {
  readonly name: string;
  readonly port: number;
  /** User and system time of the process so far; `undefined` where there is no /proc. */
  cpuMs(): number | undefined;
  residentBytes(): number | undefined;
  /** Live heap after a collection; only our own engine tells. */
  heapBytes(): Promise<number | undefined>;
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** How long it takes to run compiled code. */
  readonly warmUpMs: number;
  start(): Promise<ServerUnderTest>;
}

const ENGINE_SCRIPT = './engine-main.ts';
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
const START_WITHIN_MS = 60_000;
const WARM_UP_MS = 4_000;
const JAVA_WARM_UP_MS = 30_000;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const readProc = (pid: number | undefined, file: string): readonly string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 1)
      .trim()
      .split(' ');
  } catch {
    return undefined;
  }
};

/** User and system time of a process so far, all its threads together; `undefined` where there is no /proc. */
export const cpuMsOf = (pid: number | undefined): number | undefined => {
  // After the name in parentheses: state is the first, utime the 12th, stime the 13th.
  const fields = readProc(pid, 'stat');
  return fields && ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
};

const underTest = (name: string, port: number, child: ChildProcess, onStop = (): void => {}): ServerUnderTest => {
  return {
    name,
    port,
    cpuMs: () => cpuMsOf(child.pid),
    residentBytes: () => {
      const fields = readProc(child.pid, 'statm');
      return fields && Number(fields[1]) * PAGE_BYTES;
    },
    heapBytes: async () => {
      if (!child.connected) return undefined;
      const answer = once(child, 'message');
      child.send('heap');
      return (await answer)[0] as number;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      onStop();
    },
  };
};

interface Start {
  /** Any free one without. */
  readonly port?: number;
  /** Where durable state is; owned by the caller. In memory without. */
  readonly directory?: string;
  readonly fsync?: FsyncMode | undefined;
}

const startScript = async (script: string, name: string, start: Start, onStop = (): void => {}) => {
  const nodeOptions = ['--disable-warning=ExperimentalWarning', '--expose-gc', '--max-old-space-size=8192'];
  const more = process.env['HOLDFAST_BENCH_NODE_OPTIONS']?.split(' ') ?? [];
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { port = 0, directory, fsync } = start;
  const parameters = [port, directory, fsync].filter((parameter) => parameter !== undefined).map(String);
  const child = ownChild(
    spawn(process.execPath, [...nodeOptions, ...more, path, ...parameters], {
      stdio: ['ignore', 'pipe', 'inherit', script.endsWith('engine-main.ts') ? 'ipc' : 'ignore'],
    }),
  );
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    return underTest(name, Number(line), child, onStop);
  }
  throw new Error(`${name} ended before it listened`);
};

export const startEngine = (name: string, start: Start = {}): Promise<ServerUnderTest> =>
  startScript(ENGINE_SCRIPT, name, start);

const ours = (script: string, name: string, isDurable?: boolean, fsync?: FsyncMode): ServerKind => ({
  name,
  warmUpMs: WARM_UP_MS,
  start: async () => {
    if (isDurable !== true) return startScript(script, name, {});
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
    return startScript(script, name, { directory, fsync }, () => rmSync(directory, { recursive: true, force: true }));
  },
});

/** Rivals are started from where the environment says they are installed; nothing is downloaded. */
const rival = (
  name: string,
  command: (port: number) => readonly [string, ...string[]],
  environment: (port: number) => Readonly<Record<string, string>> = () => ({}),
  warmUpMs = WARM_UP_MS,
): ServerKind => ({
  name,
  warmUpMs,
  start: async () => {
    const port = await freePort();
    const [file, ...parameters] = command(port);
    const child = ownChild(spawn(file, parameters, { stdio: 'ignore', env: { ...process.env, ...environment(port) } }));
    const server = underTest(name, port, child);
    const until = performance.now() + START_WITHIN_MS;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, {
        method: 'POST',
        headers: jsonCall('AmazonSQS.ListQueues'),
        body: '{}',
      }).catch(() => undefined);
      if (answer?.ok === true) return server;
      if (performance.now() > until || child.exitCode !== null) {
        await server.stop().catch(() => {});
        throw new Error(`${name} does not answer on port ${port}`);
      }
      await sleep(100);
    }
  },
});

export const BARE = 'bare';

/** A server of ours that is no engine. */
export const bareKind = (script: string, name: string): ServerKind => ours(script, name);

/** What the names of our own servers begin with. */
export const OURS = 'holdfast';

/** The servers of this run, the ceiling first. */
export const serverKinds = (environment: NodeJS.ProcessEnv = process.env): readonly ServerKind[] => {
  const kinds: ServerKind[] = [
    bareKind('../sqs/bare-queue.ts', BARE),
    ours(ENGINE_SCRIPT, `${OURS}, memory`),
    ours(ENGINE_SCRIPT, `${OURS}, durable`, true),
  ];
  const { HOLDFAST_BENCH_FSYNC: fsyncModes, HOLDFAST_BENCH_BEFORE: before } = environment;
  for (const mode of FSYNC_MODES.filter((known) => fsyncModes?.split(',').includes(known))) {
    kinds.push(ours(ENGINE_SCRIPT, `${OURS}, fsync ${mode}`, true, mode));
  }
  // Another checkout of the same repository, with its packages installed.
  if (before !== undefined)
    kinds.push(ours(`${before}/benchmarks/src/engine-main.ts`, `${OURS} before, durable`, true));
  const { HOLDFAST_BENCH_FAUXQS: fauxqs, HOLDFAST_BENCH_ELASTICMQ: elasticMq } = environment;
  const { HOLDFAST_BENCH_MINISTACK: miniStack, HOLDFAST_BENCH_MOTO: moto } = environment;
  if (fauxqs !== undefined) {
    kinds.push(
      rival(
        'fauxqs',
        () => [process.execPath, '--max-old-space-size=8192', fauxqs],
        (port) => ({ FAUXQS_PORT: String(port), FAUXQS_LOGGER: 'false' }),
      ),
    );
  }
  if (elasticMq !== undefined) {
    kinds.push(
      rival(
        'ElasticMQ',
        (port) => [
          'java',
          `-Drest-sqs.bind-port=${port}`,
          '-Drest-sqs.bind-hostname=127.0.0.1',
          '-Drest-stats.enabled=false',
          '-cp',
          elasticMq,
          'org.elasticmq.server.Main',
        ],
        () => ({}),
        JAVA_WARM_UP_MS,
      ),
    );
  }
  if (miniStack !== undefined) {
    kinds.push(
      rival(
        'MiniStack',
        () => [miniStack],
        (port) => ({ GATEWAY_PORT: String(port), LOG_LEVEL: 'ERROR' }),
      ),
    );
  }
  if (moto !== undefined) kinds.push(rival('moto', (port) => [moto, '-H', '127.0.0.1', '-p', String(port)]));
  return kinds;
};
