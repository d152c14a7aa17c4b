import { inspect } from 'node:util';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
} from 'node:worker_threads';
import type { RuntimeInvocation } from '@holdfast/engine';
import { type EnvironmentOptions, ExecutionEnvironment, INIT_MAX_MS } from '../environment.ts';
import { environmentVariables } from '../environment-variables.ts';
import { exitText } from '../exit-text.ts';
import { LogPipe } from '../log-pipe.ts';
import { generationOf } from '../node-client/generation.ts';
import { lambdaFlags, type NodeOptions, parseNodeOptions } from '../node-options.ts';
import { machineView } from '../processes/file-views.ts';
import { endMarked, MARK, newMark } from '../processes/marked-processes.ts';
import { majorOf, SDK_PARENTS } from '../processes/node-start.ts';
import { Rest } from '../rest.ts';
import { checkedMessage } from './checked-message.ts';
import { BEGUN_BYTES, begunSlots, type FromEnvironment, type ThreadStart, type ToEnvironment } from './protocol.ts';
import { textOfInvoke } from './text-messages.ts';
import { beginning, keepCompiled, threadCode } from './thread-code.ts';

/** How often a running thread is looked at, in real time: its memory, and whether it has begun. */
const LOOK_EVERY_MS = 100;

/** An execution environment of a Node.js function: a thread, whose clock is the engine's. */
export class ThreadEnvironment extends ExecutionEnvironment {
  override readonly livesInEngineTime = true;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #begunShared = new SharedArrayBuffer(BEGUN_BYTES);
  readonly #begun = begunSlots(this.#begunShared);
  /** Invocations that were handed over. */
  #dispatched = 0;
  readonly #mark: string;
  /** At the end of the last invocation. */
  #memoryBytes = 0;
  #isOutOfMemory = false;
  #signal: string | undefined;
  #hasChildren = false;
  #logs: LogPipe | undefined;
  #look: NodeJS.Timeout | undefined;
  #probeId = 0;
  /** By its event loop, which has no times at all before it has begun. */
  protected readonly rest = new Rest(10, () => {
    const { idle, active } = this.#worker.performance.eventLoopUtilization();
    return idle === 0 ? Number.POSITIVE_INFINITY : active;
  });
  /** The code is loaded. */
  #isReady = false;
  /** This thread is to hand over what it has compiled of ours. */
  #isCodeWanted: boolean;

  constructor(options: EnvironmentOptions) {
    super(options);
    const { spec } = options;
    const variables = environmentVariables(options, machineView(options.taskRoot, options.layersRoot));
    const nodeOptionsText = variables['NODE_OPTIONS'];
    const nodeOptions = parseNodeOptions(nodeOptionsText ?? '');
    const major = majorOf(spec.runtime);
    this.#mark = newMark();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const code = threadCode();
    this.#isCodeWanted = code.isWanted;
    const start: ThreadStart = {
      code,
      port: port2,
      bell: this.#bell.buffer as SharedArrayBuffer,
      begun: this.#begunShared,
      setup: {
        randomSeed: options.randomSeed,
        clock: options.time.shared,
        taskRoot: options.taskRoot,
        layersRoot: options.layersRoot,
        temporary: options.temporary.path,
        importsFromNodePath: major >= 18,
        sdkParents: SDK_PARENTS,
        timeLimitMs: spec.timeoutSeconds * 1000,
        handler: spec.handler,
        generation: generationOf(spec.runtime),
        nodeOptionsText,
        nodeOptions,
        childMark: `${MARK}=${this.#mark}`,
        compileCache: options.compileCache,
      },
    };
    delete variables['NODE_OPTIONS'];
    this.#worker = this.#start(
      {
        workerData: start,
        transferList: [port2],
        env: variables,
        stdout: true,
        stderr: true,
        resourceLimits: {
          maxOldGenerationSizeMb: nodeOptions.heapMb ?? spec.memoryMb,
          maxYoungGenerationSizeMb: 16,
        },
      },
      ['--no-warnings', ...lambdaFlags(major, nodeOptions)],
      nodeOptions,
    );
    port1.on('message', (message: unknown) => this.#receive(message));
    port1.unref();
    this.#worker.on('error', (error) => this.#failed(error));
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
    // Who writes into a full pipe can only be ended once nobody reads it.
    this.#logs?.close();
    await this.#worker.terminate();
  }

  protected dispatch(invocation: RuntimeInvocation): void {
    // A cold start writes its lines from the very beginning; a warm thread may yet turn out to be gone.
    if (!this.hasBeenUsed) this.started(this.options.time.now());
    this.#dispatched += 1;
    this.#look ??= this.#lookLater();
    const { requestId, payload, invokedFunctionArn, traceHeader, clientContext, heldMs } = invocation;
    this.#port.postMessage(
      textOfInvoke({ type: 'invoke', requestId, payload, invokedFunctionArn, traceHeader, clientContext, heldMs }),
    );
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

  /** Options for Node.js that it does not take for a thread are left out, and the log says so. */
  #start(options: WorkerOptions, execArgv: readonly string[], { others }: NodeOptions): Worker {
    const begin = (more: readonly string[]): Worker =>
      new Worker(beginning(), { ...options, execArgv: [...execArgv, ...more] });
    if (others.length === 0) return begin([]);
    try {
      return begin(others);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
      this.log(`NODE_OPTIONS: ${others.join(' ')}: without effect in a thread; --isolation process has them work`);
      return begin([]);
    }
  }

  #send(message: ToEnvironment): void {
    this.#port.postMessage(message);
  }

  #receive(given: unknown): void {
    const message = checkedMessage(given);
    if (message === undefined) return;
    this.#noticeBegun(message.type === 'done' || message.type === 'log');
    this.#take(message);
  }

  #take(message: FromEnvironment): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.initialised();
        this.restartTimeLimit();
        this.touched();
        return;
      case 'code':
        this.#codeCame(message.compiled);
        return;
      case 'log':
        this.log(message.text);
        return;
      case 'done':
        this.#logs?.drain();
        this.#memoryBytes = message.memoryBytes;
        if (message.isLast === true) this.hasEnded = true;
        this.done({
          kind: message.errorType === undefined ? 'success' : 'error',
          payload: message.payload,
          errorType: message.errorType,
          maxMemoryUsedMb: Math.min(this.spec.memoryMb, Math.ceil(message.memoryBytes / 2 ** 20)),
        });
        return;
      case 'init-error':
        this.hasEnded = true;
        this.#logs?.drain();
        this.done({ kind: 'init-error', payload: message.payload, errorType: message.errorType, maxMemoryUsedMb: 0 });
        void this.#worker.terminate();
        return;
      case 'quiet':
        if (message.id === this.#probeId) this.isNowQuiet(message.nextTimerAt);
        return;
      case 'signal':
        this.#signal = message.name;
        return;
      case 'children':
        this.#hasChildren = true;
        return;
      case 'log-pipe':
        void this.#openLogPipe();
        return;
    }
  }

  /** The thread stands still until it has its answer. */
  async #openLogPipe(): Promise<void> {
    let logs: LogPipe | undefined;
    try {
      logs = await LogPipe.open((line) => this.log(line));
    } catch {
      // Not on this system.
    }
    if (this.hasEnded) logs?.close();
    else this.#logs = logs;
    this.#send({ type: 'log-pipe', writer: logs?.writer });
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
  }

  #codeCame(compiled: Uint8Array | undefined): void {
    if (this.#isCodeWanted) keepCompiled(compiled);
    this.#isCodeWanted = false;
  }

  /** Tells of an invocation that the code was called for, if it was. */
  #noticeBegun(isFollowed: boolean): void {
    if (Atomics.load(this.#begun.count, 0) === this.#dispatched) this.started(this.#begun.at[0] as number, isFollowed);
  }

  /** One timer for as long as there is something to do, not one for each invocation. */
  #lookLater(): NodeJS.Timeout {
    const sofar = this.#dispatched;
    return setTimeout(() => {
      this.#look = this.isRunning ? this.#lookLater() : undefined;
      if (!this.isRunning) return;
      this.#noticeBegun(false);
      // Asking interrupts the thread. Who ends in less time than passes between two looks has told its memory then.
      if (sofar === this.#dispatched || this.#isTooLarge(this.#memoryBytes)) void this.#checkMemory();
    }, LOOK_EVERY_MS).unref();
  }

  #isTooLarge(bytes: number): boolean {
    return bytes > this.spec.memoryMb * 2 ** 20;
  }

  /** The heap has its limit in V8; buffers lie beside it. */
  async #checkMemory(): Promise<void> {
    try {
      const { used_heap_size: heap, external_memory: external } = await this.#worker.getHeapStatistics();
      if (!this.isRunning || !this.#isTooLarge(heap + external)) return;
      this.#isOutOfMemory = true;
      void this.#worker.terminate();
    } catch {
      // It has ended meanwhile.
    }
  }

  /** What nobody in the thread has caught ends it, and is written as Node.js writes it. */
  #failed(error: unknown): void {
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      this.#isOutOfMemory = true;
      return;
    }
    this.#drainPort();
    const text = error instanceof Error ? (error.stack ?? String(error)) : `Uncaught ${inspect(error)}`;
    for (const line of [...text.split('\n'), `Node.js ${process.version}`]) this.log(line);
  }

  /** What the thread has sent before it ended counts. */
  #drainPort(): void {
    for (let given = receiveMessageOnPort(this.#port); given !== undefined; given = receiveMessageOnPort(this.#port)) {
      this.#receive((given as { message: unknown }).message);
    }
  }

  #exited(code: number): void {
    this.#drainPort();
    this.#noticeBegun(true);
    this.#codeCame(undefined);
    this.#port.close();
    clearTimeout(this.#look);
    this.#logs?.drain();
    this.#logs?.close();
    if (this.#hasChildren) endMarked(this.#mark);
    const signal = this.#isOutOfMemory ? 'SIGKILL' : this.#signal;
    this.exited(exitText(code, signal), this.#isOutOfMemory ? this.spec.memoryMb : 0);
  }
}
