import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RuntimeInvocation } from '@holdfast/engine';
import { type EnvironmentOptions, ExecutionEnvironment, INIT_MAX_MS } from '../environment.ts';
import { environmentVariables } from '../environment-variables.ts';
import { exitText } from '../exit-text.ts';
import { LogPipe } from '../log-pipe.ts';
import { Rest } from '../rest.ts';
import { type Entrypoint, EntrypointError, entrypointOf } from './entrypoint.ts';
import { machineView, ownView } from './file-views.ts';
import { endMarked, MARK, newMark } from './marked-processes.ts';
import { processCpuMs } from './process-cpu.ts';
import { forgetGroup, killGroup, watchGroup } from './process-groups.ts';
import { processMemory } from './process-memory.ts';
import { type OfferedInvocation, RESPONSE_MAX_BYTES, RuntimeApi, type RuntimeApiOwner } from './runtime-api.ts';

/**
 * While the engine holds back a request of a process, the rest of the process is given this much real time to show
 * that it is still doing something else.
 */
const PARKED_SETTLE_MS = 10;

/** How often the memory of a running process is looked at. */
const MEMORY_CHECK_MS = 100;

/** Without memory dumps. */
const BEGIN = 'ulimit -c 0; ';
/** The code takes the shell's place. */
const LAUNCHER = ['/bin/sh', '-c', `${BEGIN}exec "$@"`, 'holdfast'];

/**
 * An execution environment that is a child process and speaks the Lambda Runtime API: Python functions, those that
 * bring their own runtime, and Node.js functions that are to be kept apart from the engine.
 *
 * A process lives in real time: it sees the machine's clock, and virtual time stands still until it has answered,
 * except while all it does is wait for requests that the engine holds back. One that takes longer than its time limit
 * in real time counts as hanging, and times out when virtual time gets there.
 *
 * Loading the code does not count against the time limit for {@link INIT_MAX_MS}. *Differs:* AWS then starts loading
 * again, within the time limit; here it goes on.
 */
export class ProcessEnvironment extends ExecutionEnvironment implements RuntimeApiOwner {
  readonly #launched: Promise<void>;
  readonly #mark = newMark();
  #api: RuntimeApi | undefined;
  #logs: LogPipe | undefined;
  #child: ChildProcess | undefined;
  #memoryCheck: NodeJS.Timeout | undefined;
  #isOutOfMemory = false;
  /** The process is gone and its invocation is left to its time limit. */
  #isLost = false;
  /** The invocation that the code has not asked for yet. */
  #pending: RuntimeInvocation | undefined;
  /** Over a few times what Linux counts by. */
  protected readonly rest = new Rest(30, () => {
    const pid = this.#child?.pid;
    return pid === undefined ? Number.POSITIVE_INFINITY : processCpuMs(pid);
  });

  constructor(options: EnvironmentOptions) {
    super(options);
    this.#launched = this.#launch();
  }

  async terminate(): Promise<void> {
    this.hasEnded = true;
    this.#kill();
    await this.#launched;
    this.#kill();
    if (this.#child !== undefined) {
      // Whoever waits for this stays until it happens: a process with a namespace takes a moment to end.
      this.#child.ref();
      await once(this.#child, 'exit');
    }
    this.#release();
    if (!this.#isLost) return;
    this.#isLost = false;
    this.options.onEnd(this);
  }

  next(): OfferedInvocation | undefined {
    this.initialised();
    const invocation = this.#pending;
    if (invocation === undefined) return undefined;
    this.#pending = undefined;
    this.started(this.options.time.now());
    this.restartTimeLimit();
    // Whoever waits for rest now waits for the time limit, no longer for the code to be loaded.
    this.touched();
    return {
      requestId: invocation.requestId,
      payload: invocation.payload,
      deadline: Date.now() + this.spec.timeoutSeconds * 1000 - (invocation.heldMs ?? 0),
      invokedFunctionArn: invocation.invokedFunctionArn,
      traceHeader: invocation.traceHeader,
      clientContext: invocation.clientContext,
    };
  }

  responded(payload: string): void {
    this.#finish('success', undefined, payload);
  }

  responseTooLarge(): void {
    const errorType = 'Function.ResponseSizeTooLarge';
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${RESPONSE_MAX_BYTES} bytes).`;
    this.#finish('error', errorType, JSON.stringify({ errorMessage, errorType }));
  }

  failed(errorType: string, payload: string): void {
    this.#finish('error', errorType, payload);
  }

  initFailed(errorType: string, payload: string): void {
    this.hasEnded = true;
    this.#finish('init-error', errorType, payload);
    void this.terminate();
  }

  protected dispatch(invocation: RuntimeInvocation): void {
    this.#pending = invocation;
    // A cold start writes its lines from the very beginning; a warm process may yet turn out to be gone.
    if (!this.hasBeenUsed) this.started(this.options.time.now());
    this.#watchMemory();
    this.#api?.offer();
  }

  protected override get graceMs(): number {
    return INIT_MAX_MS;
  }

  protected get quietAfterMs(): number {
    if (this.#isLost) return 0;
    if (this.requestsParked > 0) return PARKED_SETTLE_MS;
    return this.spec.timeoutSeconds * 1000 + (this.#pending === undefined ? 0 : INIT_MAX_MS);
  }

  async #launch(): Promise<void> {
    const { spec, taskRoot, layersRoot, views } = this.options;
    try {
      const isViewOwn = await views.areOwn();
      const base = isViewOwn ? ownView(layersRoot) : machineView(taskRoot, layersRoot);
      const view = spec.runtime.startsWith('nodejs') ? views.nodeView(base) : base;
      const entrypoint = await entrypointOf(spec, taskRoot, layersRoot, view);
      this.#api = await RuntimeApi.listen(this);
      this.#logs = await LogPipe.open((line) => this.log(line));
      if (this.hasEnded) {
        this.options.onEnd(this);
        return;
      }
      const { writer } = this.#logs;
      const launcher = isViewOwn ? await this.#ownLauncher(entrypoint) : LAUNCHER;
      const [program = '/bin/sh', ...parameters] = [...launcher, entrypoint.command, ...entrypoint.parameters];
      const child = spawn(program, parameters, {
        cwd: taskRoot,
        env: {
          ...entrypoint.environment,
          ...environmentVariables(this.options, view),
          AWS_LAMBDA_RUNTIME_API: this.#api.address,
          [MARK]: this.#mark,
        },
        detached: true,
        stdio: ['ignore', writer, writer],
      });
      this.#child = child;
      if (child.pid !== undefined) watchGroup(child.pid);
      child.once('exit', (code, signal) => this.#processExited(code, signal));
      child.unref();
      await once(child, 'spawn');
      this.#logs.closeWriter();
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      const errorType = cause instanceof EntrypointError ? cause.errorType : 'Runtime.Unknown';
      this.#child = undefined;
      this.#release();
      this.log(text);
      this.endedByPlatform('init-error', errorType, text);
      this.options.onEnd(this);
    }
  }

  #ownLauncher({ needs }: Entrypoint): Promise<readonly string[]> {
    const { taskRoot, layersRoot, temporary, compiled, views } = this.options;
    return views.launcher({ taskRoot, layersRoot, temporary: temporary.path, compiled, kept: needs }, BEGIN);
  }

  #finish(kind: 'success' | 'error' | 'init-error', errorType: string | undefined, payload: string): void {
    this.#logs?.drain();
    clearInterval(this.#memoryCheck);
    const pid = this.#child?.pid;
    const maxMemoryUsedMb = pid === undefined ? 0 : Math.ceil(processMemory(pid).peakMb);
    this.done({ kind, payload, errorType, maxMemoryUsedMb });
  }

  #watchMemory(): void {
    clearInterval(this.#memoryCheck);
    this.#memoryCheck = setInterval(() => {
      const pid = this.#child?.pid;
      if (pid === undefined || processMemory(pid).residentMb <= this.spec.memoryMb) return;
      this.#isOutOfMemory = true;
      this.#kill();
    }, MEMORY_CHECK_MS);
    this.#memoryCheck.unref();
  }

  #processExited(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child?.pid !== undefined) forgetGroup(this.#child.pid);
    endMarked(this.#mark);
    this.#child = undefined;
    this.#logs?.drain();
    this.#release();
    this.hasEnded = true;
    // AWS does not notice a segmentation fault: the invocation goes on until its time limit.
    if (signal === 'SIGSEGV' && this.isRunning) {
      this.#isLost = true;
      this.touched();
      return;
    }
    this.exited(exitText(code, signal), this.#isOutOfMemory ? this.spec.memoryMb : 0);
  }

  #kill(): void {
    if (this.#child?.pid !== undefined) killGroup(this.#child.pid);
  }

  #release(): void {
    clearInterval(this.#memoryCheck);
    this.#api?.close();
    this.#logs?.close();
  }
}
