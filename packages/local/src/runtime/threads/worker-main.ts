/**
 * Runs inside the thread of one execution environment: makes of it what a process on Lambda is, as far as a thread can
 * be, and hands the rest to the runtime client, with the engine above it. Bundled into one file.
 */
import { enableCompileCache, flushCompileCache, syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';
import { threadId } from 'node:worker_threads';
import { seededRandom } from '@holdfast/kernel';
import type { Platform, RuntimeClient } from '../node-client/platform.ts';
import { runtimeClient } from '../node-client/run.ts';
import { writeEvent } from '../node-client/write-event.ts';
import { Children } from './inside/children.ts';
import { installClock } from './inside/clock.ts';
import { Descriptors } from './inside/files/descriptors.ts';
import { translateFunctions } from './inside/files/functions.ts';
import { translateModules } from './inside/files/modules.ts';
import { Places } from './inside/files/places.ts';
import { loadWebSocketLater } from './inside/http-globals.ts';
import { installOutput } from './inside/output.ts';
import { takePort } from './inside/port.ts';
import { preload } from './inside/preloads.ts';
import { guardProcess } from './inside/process-guards.ts';
import { Quiescence } from './inside/quiescence.ts';
import { answerCustomResources } from './inside/response-urls.ts';
import { installTimeZone } from './inside/time-zone.ts';
import { installTimers, realTimers } from './inside/timers.ts';
import type { ToEnvironment } from './protocol.ts';
import { textOfDone } from './text-messages.ts';

/** Process ids of Linux end below; none of these is one. */
const NO_PIDS_FROM = 2 ** 22;

type Invoke = Extract<ToEnvironment, { type: 'invoke' }>;

const shownPid = NO_PIDS_FROM + threadId;
const { setup, compile, send, sendText, begin, listen, receive, hold, exit } = takePort();
const { taskRoot } = setup;
if (setup.nodeOptionsText !== undefined) process.env['NODE_OPTIONS'] = setup.nodeOptionsText;

/** The invocation under way. */
let requestId: string | undefined;
/** What it has ended with, until the loop has turned: what happens in that turn still belongs to it. */
let ended: { readonly errorType: string | undefined; readonly payload: string } | undefined;
let client: RuntimeClient | undefined;
/** The client itself lets the loop turn before it tells the end. */
const letsTurn = setup.generation === 4;
let isLoading = true;

/** A thread lives while it waits for work, or for its virtual timers; else it ends when nothing is left to do in it. */
const holdAsNeeded = (): void => hold((requestId === undefined && !isLoading) || timers.holding() > 0);

if (setup.randomSeed !== undefined) {
  const random = seededRandom(setup.randomSeed);
  Math.random = () => random.nextUnit();
}
const clock = installClock(setup.clock);
const timers = installTimers(clock, () => holdAsNeeded());
installTimeZone(process.env['TZ'] ?? '');

/** Once there is a pipe everything goes through it: what children write keeps its place among the function's lines. */
let logWriter: { readonly descriptor: number | undefined } | undefined;
const log = (text: string): void => {
  if (logWriter?.descriptor === undefined) send({ type: 'log', text });
  else writeEvent(logWriter.descriptor, text);
};
const output = installOutput(log);
const descriptors = new Descriptors();

/** Messages that came while an answer was waited for. */
const postponed: ToEnvironment[] = [];
const logDescriptor = (): number | undefined => {
  if (logWriter === undefined) {
    send({ type: 'log-pipe' });
    let message = receive();
    for (; message.type !== 'log-pipe'; message = receive()) postponed.push(message);
    logWriter = { descriptor: message.writer };
    if (postponed.length > 0) realTimers.setImmediate(() => postponed.splice(0).forEach(take));
  }
  return logWriter.descriptor;
};

const places = new Places({
  ...setup,
  logPath: () => {
    const descriptor = logDescriptor();
    return descriptor === undefined ? '/dev/null' : `/dev/fd/${descriptor}`;
  },
  ownsDescriptor: (descriptor) => descriptors.owns(descriptor) || descriptor === logWriter?.descriptor,
});
const loadPromises = translateFunctions(places, (promises) => descriptors.guardPromises(promises));
descriptors.guard(output);
const children = new Children({
  places,
  ownsDescriptor: (descriptor) => descriptors.owns(descriptor),
  logDescriptor,
  mark: setup.childMark,
  onStart: () => send({ type: 'children' }),
});
translateModules(places, {
  onBuiltin: {
    child_process: () => children.install(),
    'fs/promises': loadPromises,
    http: loadWebSocketLater,
    https: () => answerCustomResources(process.env['AWS_ENDPOINT_URL']),
  },
});
guardProcess({
  shownPid,
  isChild: (pid) => children.has(pid),
  onSignal: (name) => {
    output.flush();
    send({ type: 'signal', name });
    exit(1);
  },
});
syncBuiltinESMExports();

const quiescence = new Quiescence(clock, timers, (id) => send({ type: 'quiet', id, nextTimerAt: timers.nextAt() }));

/** How long, in real milliseconds, a look at the memory holds good: it takes as long as a small handler. */
const MEMORY_LOOK_MS = 5;
let memory = { bytes: 0, lookedAt: 0 };
const memoryBytes = (): number => {
  const now = clock.realNow();
  if (now - memory.lookedAt < MEMORY_LOOK_MS) return memory.bytes;
  const { used_heap_size: heap, external_memory: external } = v8.getHeapStatistics();
  memory = { bytes: heap + external, lookedAt: now };
  return memory.bytes;
};

/** Tells the engine how the invocation ended. */
const reportEnd = (isLast: boolean): void => {
  if (ended === undefined) return;
  const { errorType, payload } = ended;
  ended = undefined;
  quiescence.isEnding = false;
  output.flush();
  if (errorType === undefined && !isLast) sendText(textOfDone(payload, memoryBytes()));
  else send({ type: 'done', payload, memoryBytes: memoryBytes(), errorType, ...(isLast ? { isLast } : {}) });
};
const end = (of: string, errorType: string | undefined, payload: string): void => {
  if (of !== requestId) return;
  requestId = undefined;
  quiescence.isRunning = false;
  quiescence.isEnding = true;
  ended = { errorType, payload };
  const report = (): void => {
    reportEnd(false);
    holdAsNeeded();
  };
  if (letsTurn) report();
  else realTimers.setImmediate(report);
};
const platform: Platform = {
  respond: (of, payload) => end(of, undefined, payload),
  fail: (of, error) => end(of, error.errorType, JSON.stringify(error)),
  initFailed: (error) => {
    output.flush();
    send({ type: 'init-error', errorType: error.errorType, payload: JSON.stringify(error) });
  },
  exit: (code) => {
    reportEnd(true);
    output.flush();
    exit(code);
  },
};

const invoke = (message: Invoke): void => {
  if (client === undefined) {
    postponed.push(message);
    return;
  }
  const now = clock.now();
  begin(now);
  const { payload, invokedFunctionArn, traceHeader, clientContext } = message;
  requestId = message.requestId;
  quiescence.isRunning = true;
  holdAsNeeded();
  const deadline = now + setup.timeLimitMs - (message.heldMs ?? 0);
  client.invoke({ requestId, payload, deadline, invokedFunctionArn, traceHeader, clientContext });
};

const take = (message: ToEnvironment): void => {
  switch (message.type) {
    case 'invoke':
      invoke(message);
      return;
    case 'probe':
      quiescence.probe(message);
      return;
    case 'time':
      timers.runDue();
      return;
    case 'mode':
      timers.rearm();
      return;
  }
};

listen(take);
holdAsNeeded();
if (setup.compileCache !== undefined) enableCompileCache(setup.compileCache);
await preload(setup.nodeOptions, taskRoot);
client = await runtimeClient({
  taskRoot,
  handler: setup.handler,
  generation: setup.generation,
  platform,
  files: process.getBuiltinModule('node:fs'),
  now: clock.nowText,
  write: log,
  setImmediate: (run) => realTimers.setImmediate(run),
});
process.on('beforeExit', () => quiescence.loopWasEmpty());
isLoading = false;
quiescence.isLoading = false;
if (client !== undefined) send({ type: 'ready' });
holdAsNeeded();
// A thread writes its cache only when it ends; environments that start meanwhile would all compile by themselves.
// It has what was compiled at loading, whenever it is written: Node.js makes it then.
if (setup.compileCache !== undefined) flushCompileCache();
if (compile !== undefined) send({ type: 'code', compiled: compile() });
for (const message of postponed.splice(0)) take(message);
