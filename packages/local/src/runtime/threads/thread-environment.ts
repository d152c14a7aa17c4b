import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { RuntimeInvocation } from '@holdfast/engine';
import { type EnvironmentOptions, ExecutionEnvironment, INIT_MAX_MS } from '../environment.ts';
import { environmentVariables } from '../environment-variables.ts';
import { machineView } from '../processes/file-views.ts';
import type { EnvironmentSetup, FromEnvironment, ToEnvironment } from './protocol.ts';

/**
 * The code of the thread, prepared once: plain JavaScript as a URL, so that no thread strips types by itself. From
 * sources, what it imports of ours (modules without imports) is put into it; when built, it is one file.
 */
const workerUrl = ((): (() => URL) => {
  let url: URL | undefined;
  const textOf = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  const sourceOf = (name: string): string =>
    stripTypeScriptTypes(textOf(name)).replace(
      /^import \{ (\w+) \} from '(\.\/[\w-]+\.ts)';$/gm,
      (_, imported: string, file: string) =>
        `const { ${imported} } = (() => {${sourceOf(file).replace(/^export /gm, '')}; return { ${imported} }; })();`,
    );
  return () => {
    if (url !== undefined) return url;
    const code = import.meta.url.endsWith('.ts') ? sourceOf('./worker-main.ts') : textOf('./worker-main.js');
    // Stack traces say this name instead of the whole code.
    const named = `${code}\n//# sourceURL=file:///var/runtime/index.mjs`;
    url = new URL(`data:text/javascript,${encodeURIComponent(named)}`);
    return url;
  };
})();

const majorOf = (runtime: string): number => Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 0);

/**
 * Lambda's Node.js brings the AWS SDK, here the clients that the engine has itself or that the directory it was started
 * in has installed.
 */
const SDK_PARENTS = [import.meta.url, pathToFileURL(join(process.cwd(), 'index.js')).href];

/** An execution environment of a Node.js function: a thread, whose clock is the engine's. */
export class ThreadEnvironment extends ExecutionEnvironment {
  readonly #worker: Worker;
  #outOfMemory = false;
  #probeId = 0;
  /** The code is loaded. */
  #isReady = false;

  constructor(options: EnvironmentOptions) {
    super(options);
    const { spec } = options;
    const setup: EnvironmentSetup = {
      clock: options.time.shared,
      taskRoot: options.taskRoot,
      layersRoot: options.layersRoot,
      temporary: options.temporary.path,
      importsFromNodePath: majorOf(spec.runtime) >= 18,
      sdkParents: SDK_PARENTS,
      handler: spec.handler,
      functionName: spec.functionName,
      functionVersion: spec.version,
      memoryMb: spec.memoryMb,
      logGroup: spec.logGroup,
      logStream: options.logStream,
      returnsPlainValues: majorOf(spec.runtime) >= 24,
      compileCache: options.compileCache,
    };
    this.#worker = new Worker(workerUrl(), {
      workerData: setup,
      env: environmentVariables(options, machineView(options.taskRoot, options.layersRoot)),
      stdout: true,
      stderr: true,
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on('message', (message: FromEnvironment) => this.#receive(message));
    this.#worker.on('error', (error) => {
      this.#outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    });
    this.#worker.on('exit', (code) => this.#exited(code));
    this.#worker.unref();
  }

  override runTimers(): void {
    super.runTimers();
    this.#send({ type: 'time' });
  }

  override modeChanged(): void {
    super.modeChanged();
    this.#send({ type: 'mode' });
  }

  async terminate(): Promise<void> {
    this.hasEnded = true;
    await this.#worker.terminate();
  }

  protected dispatch(invocation: RuntimeInvocation): void {
    this.started();
    this.#send({
      type: 'invoke',
      requestId: invocation.requestId,
      payload: invocation.payload,
      timeLimitMs: this.spec.timeoutSeconds * 1000,
      invokedFunctionArn: invocation.invokedFunctionArn,
      traceHeader: invocation.traceHeader,
      clientContext: invocation.clientContext,
    });
  }

  /** Code that computes for longer than its time limit, in real time, must not hold virtual time for ever. */
  protected get quietAfterMs(): number {
    return this.spec.timeoutSeconds * 1000 + this.graceMs;
  }

  /** Loading the code does not count against the time limit, as on AWS. */
  protected override get graceMs(): number {
    return this.#isReady ? 0 : INIT_MAX_MS;
  }

  protected override askWhetherQuiet(): void {
    this.#probeId += 1;
    this.#send({ type: 'probe', id: this.#probeId, parked: this.requestsParked });
  }

  #send(message: ToEnvironment): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromEnvironment): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.initialised();
        this.restartTimeLimit();
        this.touched();
        return;
      case 'log':
        this.log(message.text);
        return;
      case 'done':
        this.done({
          kind: message.errorType === undefined ? 'success' : 'error',
          payload: message.payload,
          errorType: message.errorType,
          maxMemoryUsedMb: Math.ceil(message.heapBytes / 2 ** 20),
        });
        return;
      case 'init-error':
        this.hasEnded = true;
        this.done({ kind: 'init-error', payload: message.payload, errorType: message.errorType, maxMemoryUsedMb: 0 });
        void this.#worker.terminate();
        return;
      case 'quiet':
        if (message.id === this.#probeId) this.isNowQuiet(message.nextTimerAt);
        return;
    }
  }

  #exited(code: number): void {
    this.exited(
      this.#outOfMemory
        ? 'Runtime exited with error: signal: killed'
        : code === 0
          ? 'Runtime exited without providing a reason'
          : `Runtime exited with error: exit status ${code}`,
      this.#outOfMemory ? this.spec.memoryMb : 0,
    );
  }
}
