/**
 * Runs inside the thread of one execution environment: loads the handler, gives it a Lambda context, sends its
 * output and results to the main thread, and keeps its clock and timers in step with the engine's.
 *
 * Imports nothing of the project except types and `worker-files.ts`: the main thread hands both over as text.
 */
import { subscribe } from 'node:diagnostics_channel';
import { enableCompileCache, flushCompileCache, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import timersModule from 'node:timers';
import timersPromises from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import v8 from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { EnvironmentSetup, FromEnvironment, ToEnvironment } from './protocol.ts';
import { showFiles } from './worker-files.ts';

type Invoke = Extract<ToEnvironment, { type: 'invoke' }>;
type Handler = (event: unknown, context: object, callback: (error: unknown, result?: unknown) => void) => unknown;

const setup = workerData as EnvironmentSetup;
const port = parentPort;
if (port === null) throw new Error('worker-main runs only as a worker');
const send = (message: FromEnvironment): void => port.postMessage(message);

// ------------------------------------------------------------------------------------------------- modules

// To import it would load `fs.promises` as well.
const { existsSync } = process.getBuiltinModule('node:fs');

/**
 * `import 'node:http'` reads every export of it, and three of them load undici, a tenth of a cold start, for handlers
 * that hardly ever want a WebSocket. Here they are loaded when they are used.
 */
const http: object = process.getBuiltinModule('node:http');
for (const name of ['WebSocket', 'CloseEvent', 'MessageEvent']) {
  const load = Object.getOwnPropertyDescriptor(http, name)?.get;
  if (load === undefined) continue;
  const loaded = (): (new () => object) => load.call(http) as new () => object;
  const stand: object = new Proxy(function standIn() {}, {
    get: (_, key) => Reflect.get(loaded(), key) as unknown,
    construct: (_, parts, newTarget) => Reflect.construct(loaded(), parts, newTarget === stand ? loaded() : newTarget),
  });
  Object.defineProperty(http, name, { configurable: true, enumerable: true, writable: true, value: stand });
}

// ---------------------------------------------------------------------------------------------------- clock

const shared = new Float64Array(setup.clock);
const RealDate = Date;
const realNow = Date.now;
const isVirtual = (): boolean => shared[0] === 1;
const now = (): number => (isVirtual() ? (shared[1] as number) : realNow() + (shared[1] as number));

function EngineDate(this: unknown, ...parts: unknown[]): unknown {
  if (new.target === undefined) return new RealDate(now()).toString();
  return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
}
EngineDate.prototype = RealDate.prototype;
RealDate.prototype.constructor = EngineDate;
Object.assign(EngineDate, { now, parse: RealDate.parse, UTC: RealDate.UTC });
globalThis.Date = EngineDate as unknown as DateConstructor;

const bornAt = now();
performance.now = () => now() - bornAt;
const hrtime = (previous?: [number, number]): [number, number] => {
  const elapsedMs = now() - bornAt;
  const seconds = Math.floor(elapsedMs / 1000);
  const nanos = Math.round((elapsedMs % 1000) * 1e6);
  if (previous === undefined) return [seconds, nanos];
  const difference = seconds * 1e9 + nanos - (previous[0] * 1e9 + previous[1]);
  return [Math.floor(difference / 1e9), difference % 1e9];
};
hrtime.bigint = () => BigInt(Math.round((now() - bornAt) * 1e6));
process.hrtime = hrtime as typeof process.hrtime;

// --------------------------------------------------------------------------------------------------- timers

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
};

/** Timers of this environment: real ones in live time, entries of this table in virtual time. */
class EngineTimer {
  at = 0;
  armed = true;
  handle: NodeJS.Timeout | undefined;
  readonly delayMs: number;
  readonly repeats: boolean;
  readonly run: () => void;

  constructor(run: () => void, delayMs: number, repeats: boolean) {
    this.run = run;
    this.delayMs = Math.max(1, Number(delayMs) || 1);
    this.repeats = repeats;
    this.arm(now() + this.delayMs);
  }

  arm(at: number): void {
    this.at = at;
    this.armed = true;
    armed.add(this);
    if (!isVirtual()) this.handle = real.setTimeout(() => this.fire(), Math.max(1, at - now()));
  }

  fire(): void {
    this.disarm();
    if (this.repeats) this.arm(now() + this.delayMs);
    this.run();
  }

  disarm(): void {
    this.armed = false;
    armed.delete(this);
    if (this.handle !== undefined) real.clearTimeout(this.handle);
    this.handle = undefined;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.disarm();
    this.arm(now() + this.delayMs);
    return this;
  }

  close(): this {
    this.disarm();
    return this;
  }

  [Symbol.toPrimitive](): number {
    timersById.set(this.id, this);
    return this.id;
  }

  [Symbol.dispose](): void {
    this.disarm();
  }

  readonly id = nextTimerId++;
}

let nextTimerId = 1;
const armed = new Set<EngineTimer>();
/** Only timers that were turned into numbers, for `clearTimeout(number)`. */
const timersById = new Map<number, EngineTimer>();

const engineSetTimeout = (run: (...parts: unknown[]) => void, delayMs = 1, ...parts: unknown[]): EngineTimer =>
  new EngineTimer(() => run(...parts), delayMs, false);
const engineSetInterval = (run: (...parts: unknown[]) => void, delayMs = 1, ...parts: unknown[]): EngineTimer =>
  new EngineTimer(() => run(...parts), delayMs, true);
const engineClear = (timer: unknown): void => {
  if (timer instanceof EngineTimer) timer.disarm();
  else if (typeof timer === 'number' || typeof timer === 'string') timersById.get(Number(timer))?.disarm();
  else if (timer !== undefined && timer !== null) real.clearTimeout(timer as NodeJS.Timeout);
};
const promisedTimeout = (delayMs?: number, value?: unknown, options?: { signal?: AbortSignal }): Promise<unknown> =>
  new Promise((resolve, reject) => {
    options?.signal?.throwIfAborted();
    const timer = engineSetTimeout(() => resolve(value), delayMs);
    options?.signal?.addEventListener('abort', () => {
      timer.disarm();
      reject(options.signal?.reason);
    });
  });
Object.defineProperty(engineSetTimeout, Symbol.for('nodejs.util.promisify.custom'), { value: promisedTimeout });

const replacedTimers = {
  setTimeout: engineSetTimeout,
  setInterval: engineSetInterval,
  clearTimeout: engineClear,
  clearInterval: engineClear,
};
Object.assign(globalThis, replacedTimers);
Object.assign(timersModule, replacedTimers);
Object.assign(timersPromises, { setTimeout: promisedTimeout });
Object.assign(timersPromises.scheduler, {
  wait: (ms: number, options?: { signal?: AbortSignal }) => promisedTimeout(ms, undefined, options),
});
showFiles(setup);
syncBuiltinESMExports();

/** Runs virtual timers that are due, earliest first. */
const runDueTimers = (): void => {
  for (;;) {
    let next: EngineTimer | undefined;
    for (const timer of armed) {
      if (timer.handle === undefined && timer.at <= now() && (next === undefined || timer.at < next.at)) next = timer;
    }
    if (next === undefined) return;
    next.fire();
  }
};

const nextTimerAt = (): number | undefined => {
  let earliest: number | undefined;
  for (const timer of armed) {
    if (timer.handle === undefined && (earliest === undefined || timer.at < earliest)) earliest = timer.at;
  }
  return earliest;
};

// ---------------------------------------------------------------------------------------------- quiescence

let requestsOpen = 0;
/** What waits for the next request to begin or end; see {@link answerWhenQuiet}. */
let onRequests: (() => void) | undefined;
const countRequests = (change: 1 | -1): void => {
  requestsOpen += change;
  onRequests?.();
};
subscribe('http.client.request.created', (message) => {
  const { request } = message as { request: { once(event: 'close', listener: () => void): void } };
  countRequests(1);
  request.once('close', () => countRequests(-1));
});
for (const [channel, change] of [
  ['undici:request:create', 1],
  ['undici:request:trailers', -1],
  ['undici:request:error', -1],
] as const) {
  subscribe(channel, () => countRequests(change));
}

/** What may stay open while nothing happens. Anything else (files, look-ups, child processes) ends by itself: busy. */
const PASSIVE_RESOURCE =
  /^(TCPSocketWrap|TCPServerWrap|TLSWrap|PipeWrap|MessagePort|Timeout|Immediate|TTYWrap|Http2Session|FSEventWrap|StatWatcher|SignalWrap)$/;
const hasRealTimers = (): boolean => [...armed].some((timer) => timer.handle !== undefined);

/** Turns of the event loop without any sign of life before the environment counts as quiet. */
const QUIET_TURNS = 3;
/** An answer whose body nobody reads keeps its request open for ever; after this long it no longer counts. */
const ABANDONED_ANSWER_MS = 250;

/** While the code loads, nothing is said of it. */
let isLoading = true;

let probe: { readonly id: number; readonly parked: number } | undefined;

const answerWhenQuiet = (): void => {
  const mine = probe;
  if (mine === undefined) return;
  let quietTurns = 0;
  let matchedSince = realNow();
  const turn = (): void => {
    if (probe !== mine) return;
    const isBusy =
      isLoading || hasRealTimers() || process.getActiveResourcesInfo().some((kind) => !PASSIVE_RESOURCE.test(kind));
    const isSettled = requestsOpen === mine.parked || realNow() - matchedSince > ABANDONED_ANSWER_MS;
    if (isBusy) matchedSince = realNow();
    quietTurns = isBusy || !isSettled ? 0 : quietTurns + 1;
    if (!isBusy && !isSettled) {
      // An answer is under way: nothing can change before a request begins or ends, so the processor is left to others.
      const again = (): void => {
        real.clearTimeout(givenUp);
        if (onRequests === again) onRequests = undefined;
        real.setImmediate(turn);
      };
      const givenUp = real.setTimeout(again, ABANDONED_ANSWER_MS + 1);
      onRequests = again;
      return;
    }
    if (quietTurns < QUIET_TURNS) {
      real.setImmediate(turn);
      return;
    }
    probe = undefined;
    send({ type: 'quiet', id: mine.id, nextTimerAt: nextTimerAt() });
  };
  turn();
};

// ------------------------------------------------------------------------------------------------- console

let current: Invoke | undefined;
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const logsJson = process.env['AWS_LAMBDA_LOG_FORMAT'] === 'JSON';
const leastLevel = logsJson ? LEVELS.indexOf(process.env['AWS_LAMBDA_LOG_LEVEL'] ?? 'INFO') : 0;

const errorMembers = (error: Error): object => ({
  errorType: error.constructor?.name ?? 'UnknownError',
  errorMessage: error.message,
  stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
});
const showErrors = (_: string, value: unknown): unknown =>
  value instanceof Error ? { ...errorMembers(value), ...value } : value;

/** One value stays what it is; several become one text, and the first error among them is shown beside it. */
const jsonLine = (level: string, parts: unknown[]): string => {
  const head = { timestamp: new RealDate(now()).toISOString(), level, requestId: current?.requestId };
  if (parts.length === 1) {
    try {
      return JSON.stringify({ ...head, message: parts[0] }, showErrors);
    } catch {
      return JSON.stringify({ ...head, message: format(parts[0]) });
    }
  }
  const error = parts.find((part) => part instanceof Error);
  return JSON.stringify({ ...head, message: format(...parts), ...(error === undefined ? {} : errorMembers(error)) });
};

const line = (level: string, parts: unknown[]): void => {
  if (!logsJson) textLine(level, parts);
  else if (LEVELS.indexOf(level) >= leastLevel) send({ type: 'log', text: jsonLine(level, parts) });
};
const textLine = (level: string, parts: unknown[]): void =>
  send({
    type: 'log',
    text: `${new RealDate(now()).toISOString()}\t${current?.requestId ?? 'undefined'}\t${level}\t${format(...parts).replaceAll('\n', '\r')}`,
  });
for (const [method, level] of [
  ['log', 'INFO'],
  ['info', 'INFO'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
  ['debug', 'DEBUG'],
  ['trace', 'TRACE'],
] as const) {
  console[method] = (...parts: unknown[]) => line(level, parts);
}

const rawWrite = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
  const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
  for (const part of text.split('\n')) if (part !== '') send({ type: 'log', text: part });
  const callback = typeof encoding === 'function' ? encoding : done;
  if (typeof callback === 'function') process.nextTick(callback);
  return true;
};
process.stdout.write = rawWrite as typeof process.stdout.write;
process.stderr.write = rawWrite as typeof process.stderr.write;

// -------------------------------------------------------------------------------------------------- errors

const describeError = (thrown: unknown): { errorType: string; errorMessage: string; trace: string[] } => {
  if (thrown instanceof Error) {
    return {
      errorType: thrown.name || 'Error',
      errorMessage: thrown.message,
      trace: (thrown.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
};

/** What ended an invocation or the initialisation, as the last thing in its log. */
const logError = (what: string, error: { errorType: string; errorMessage: string; trace: string[] }): void => {
  const { trace, ...rest } = error;
  if (logsJson) line('ERROR', [{ ...rest, stackTrace: trace }]);
  else line('ERROR', [`${what} \t${JSON.stringify({ ...rest, stack: trace })}`]);
};

const finish = (errorType: string | undefined, payload: string): void => {
  if (current === undefined) return;
  current = undefined;
  send({ type: 'done', errorType, payload, heapBytes: v8.getHeapStatistics().used_heap_size });
};

const fail = (thrown: unknown): void => {
  const error = describeError(thrown);
  logError('Invoke Error', error);
  finish(error.errorType, JSON.stringify(error));
};

const crash = (errorType: string, thrown: unknown): void => {
  const error = describeError(thrown);
  const payload = { ...error, errorType: errorType === '' ? error.errorType : errorType };
  if (errorType !== '') payload.errorMessage = `${error.errorType}: ${error.errorMessage}`;
  logError('Uncaught Exception', payload);
  finish(payload.errorType, JSON.stringify(payload));
  process.exit(129);
};
process.on('uncaughtException', (error) => crash('', error));
process.on('unhandledRejection', (reason) => crash('Runtime.UnhandledPromiseRejection', reason));

// ------------------------------------------------------------------------------------------------- handler

class InitError extends Error {
  readonly errorType: string;
  constructor(errorType: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.errorType = errorType;
  }
}

const loadHandler = async (): Promise<Handler> => {
  const separator = setup.handler.lastIndexOf('.');
  const modulePath = setup.handler.slice(0, separator);
  const exportName = setup.handler.slice(separator + 1);
  const file = ['.js', '.mjs', '.cjs']
    .map((extension) => join(setup.taskRoot, `${modulePath}${extension}`))
    .find(existsSync);
  if (separator < 1 || file === undefined) {
    throw new InitError('Runtime.ImportModuleError', `Error: Cannot find module '${modulePath}'`);
  }
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      throw new InitError('Runtime.UserCodeSyntaxError', `SyntaxError: ${cause.message}`, { cause });
    }
    if (
      (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND' ||
      (cause as { code?: string }).code === 'MODULE_NOT_FOUND'
    ) {
      throw new InitError('Runtime.ImportModuleError', `Error: ${(cause as Error).message}`, { cause });
    }
    throw cause;
  }
  const inDefault = (loaded['default'] ?? {}) as Record<string, unknown>;
  const handler = loaded[exportName] ?? inDefault[exportName];
  if (typeof handler !== 'function') {
    throw new InitError('Runtime.HandlerNotFound', `${setup.handler} is undefined or not exported`);
  }
  return handler as Handler;
};

const invoke = async (handler: Handler, invocation: Invoke): Promise<void> => {
  current = invocation;
  process.env['_X_AMZN_TRACE_ID'] = invocation.traceHeader;
  const deadline = now() + invocation.timeLimitMs;
  const event: unknown = JSON.parse(invocation.payload);
  const settled = Promise.withResolvers<unknown>();
  const callback = (error: unknown, result?: unknown): void => {
    if (error !== undefined && error !== null) settled.reject(error);
    else settled.resolve(result);
  };
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionName: setup.functionName,
    functionVersion: setup.functionVersion,
    invokedFunctionArn: invocation.invokedFunctionArn,
    memoryLimitInMB: String(setup.memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: setup.logGroup,
    logStreamName: setup.logStream,
    clientContext:
      invocation.clientContext === undefined ? undefined : (JSON.parse(invocation.clientContext) as unknown),
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
    done: callback,
    succeed: (result: unknown) => callback(null, result),
    fail: (error: unknown) => callback(error ?? new Error('handled')),
  };
  try {
    const returned = handler(event, context, callback);
    const isPromise = typeof (returned as PromiseLike<unknown> | undefined)?.then === 'function';
    const result = isPromise
      ? await returned
      : handler.length >= 3 && !setup.returnsPlainValues
        ? await settled.promise
        : setup.returnsPlainValues
          ? returned
          : await Promise.race([settled.promise, new Promise((resolve) => real.setImmediate(() => resolve(null)))]);
    finish(undefined, JSON.stringify(result) ?? 'null');
  } catch (thrown) {
    fail(thrown);
  }
};

// ---------------------------------------------------------------------------------------------------- start

if (setup.compileCache !== undefined) enableCompileCache(setup.compileCache);
let handler: Handler | undefined;
const early: Invoke[] = [];

port.on('message', (message: ToEnvironment) => {
  switch (message.type) {
    case 'invoke':
      if (handler === undefined) early.push(message);
      else void invoke(handler, message);
      return;
    case 'probe':
      probe = message;
      answerWhenQuiet();
      return;
    case 'time':
      runDueTimers();
      return;
    case 'mode':
      // Timers set in one mode go on in the other.
      for (const timer of [...armed]) {
        const { at } = timer;
        timer.disarm();
        timer.arm(at);
      }
      return;
  }
});

try {
  handler = await loadHandler();
  isLoading = false;
  send({ type: 'ready' });
  // A thread writes its cache only when it ends; environments that start meanwhile would all compile by themselves.
  if (setup.compileCache !== undefined) flushCompileCache();
  for (const invocation of early.splice(0)) void invoke(handler, invocation);
} catch (thrown) {
  const error = describeError(thrown);
  const errorType = thrown instanceof InitError ? thrown.errorType : error.errorType;
  logError('Uncaught Exception', { ...error, errorType });
  send({ type: 'init-error', errorType, payload: JSON.stringify({ ...error, errorType }) });
}
