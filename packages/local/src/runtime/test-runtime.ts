import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionSpec, MemoryStore, type RuntimeOutcome } from '@holdfast/engine';
import { idsFrom, seededRandom, VirtualDriver } from '@holdfast/kernel';
import { LiveDriver } from '@holdfast/kernel/live';
import { type ClockMode, EngineTime } from './engine-time.ts';
import { CodeStore } from './files/code-store.ts';
import { FunctionEnvironments } from './function-environments.ts';
import type { Isolation } from './function-environments-options.ts';

export const START = Date.UTC(2025, 10, 28, 9);

/** Whether a process still runs; one that only waits to be forgotten does not. */
export const isAlive = (pid: number): boolean => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
};

/** An invocation under way. */
export interface Run {
  readonly requestId: string;
  readonly logs: string[];
  readonly outcome: Promise<RuntimeOutcome>;
  /** `true` for each cold start. */
  readonly starts: boolean[];
}

/** For tests: environments with a clock and a driver, whose functions are files in a directory of the test's own. */
export class TestRuntime {
  readonly directory = mkdtempSync(join(tmpdir(), 'holdfast-runtime-'));
  readonly time: EngineTime;
  readonly environments: FunctionEnvironments;
  readonly virtual: VirtualDriver;
  readonly blobs = new MemoryStore().blobs;
  readonly #live: LiveDriver | undefined;
  #requests = 0;

  constructor(mode: ClockMode, isRepeatable = true, hasOwnViews = true, isolation: Isolation = 'thread') {
    this.time = new EngineTime(mode, mode === 'virtual' ? START : undefined);
    this.environments = new FunctionEnvironments({
      time: this.time,
      ids: idsFrom(seededRandom(1)),
      code: new CodeStore(this.blobs, join(this.directory, 'code')),
      endpoint: () => 'http://127.0.0.1:1',
      compileCache: undefined,
      filesDirectory: join(this.directory, '.environments'),
      hasOwnViews,
      isolation,
      environmentsMax: 8,
      processors: 2,
      isRepeatable,
    });
    if (mode === 'live') {
      this.#live = new LiveDriver(this.environments, this.time);
      this.environments.onEarlier = () => this.#live?.rearm();
      this.#live.start();
    }
    this.virtual = new VirtualDriver(this.time, [this.environments], this.environments);
  }

  /** The code as processes see it; known once one has been started. */
  get taskRootOfProcesses(): string {
    return this.environments.processFileView === 'own' ? '/var/task' : this.directory;
  }

  /** Equal text is left alone: to write it again would be a change that asks for a new environment. */
  write(file: string, text: string, mode = 0o644): void {
    const path = join(this.directory, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
    writeFileSync(path, text, { mode });
  }

  /** What a function is unless a test says otherwise. */
  specOf(more: Partial<FunctionSpec> = {}): FunctionSpec {
    return {
      account: '000000000000',
      region: 'us-east-1',
      functionName: 'fn',
      version: '$LATEST',
      revision: '1',
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      // A busy machine is not what a test is about; those that are about time limits say theirs.
      timeoutSeconds: 60,
      memoryMb: 128,
      environment: { COLOUR: 'blue' },
      roleArn: 'arn:aws:iam::000000000000:role/fn-role',
      code: { kind: 'directory', path: this.directory },
      logGroup: '/aws/lambda/fn',
      ...more,
    };
  }

  invoke(
    options: { payload?: unknown; clientContext?: string; spec?: Partial<FunctionSpec>; isAwaited?: boolean } = {},
  ): Run {
    const { promise, resolve } = Promise.withResolvers<RuntimeOutcome>();
    const logs: string[] = [];
    const starts: boolean[] = [];
    this.#requests += 1;
    const requestId = `request-${this.#requests}`;
    this.environments.invoke({
      requestId,
      spec: this.specOf(options.spec),
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      payload: JSON.stringify(options.payload ?? {}),
      traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      clientContext: options.clientContext,
      isAwaited: options.isAwaited,
      startedAt: this.time.now(),
      onStart: ({ coldStart }) => starts.push(coldStart),
      onLog: (line) => logs.push(line),
      onDone: resolve,
    });
    return { requestId, logs, outcome: promise, starts };
  }

  async close(): Promise<void> {
    this.#live?.stop();
    await this.environments.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
