import v8 from 'node:v8';
import { bundledCode } from '../bundled-code.ts';
import { moduleAsScript } from './module-as-script.ts';
import type { ThreadCode } from './protocol.ts';

/** Where AWS has its client: stack traces name this file. */
const FILE = 'file:///var/runtime/index.mjs';

/** What every thread begins with. It waits for the script as for a module, so that its end and its errors are those of one. */
const BEGINNING = `
const { Script, constants } = process.getBuiltinModule('node:vm');
const { workerData } = process.getBuiltinModule('node:worker_threads');
const { text, compiled } = workerData.code;
const script = new Script(text, {
  filename: '${FILE}', cachedData: compiled, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
workerData.compile = script.createCachedData.bind(script);
await script.runInThisContext()();
//# sourceURL=${FILE}`;

/**
 * Room for young objects that a thread begins with, in V8's measure: twice what it would have. With that V8 collects five
 * times until a usual bundle is loaded, takes what is left each time for a sign that memory is going to be short, and marks
 * the whole heap before the first call. Of V8's flags this is one of few that do not make Node.js throw away its kept code.
 */
const YOUNG_ROOM_MB = 2;
const YOUNG_ROOM = '--min-semi-space-size';

let url: URL | undefined;
let text: string | undefined;
let compiled: Uint8Array | undefined;
/** A thread has been asked for the compiled code. */
let isAsked = false;

/** Where every thread begins. */
export const beginning = (): URL => {
  if (url !== undefined) return url;
  // Read when a thread's heap is made. Who has said another has a reason.
  if (!process.execArgv.some((argument) => argument.replaceAll('_', '-').startsWith(YOUNG_ROOM))) {
    v8.setFlagsFromString(`${YOUNG_ROOM}=${YOUNG_ROOM_MB}`);
  }
  url = new URL(`data:text/javascript,${encodeURIComponent(BEGINNING)}`);
  return url;
};

/** The code of a thread that is about to start; one is asked to hand over what it has compiled. */
export const threadCode = (): ThreadCode => {
  text ??= moduleAsScript(bundledCode('worker-main', './threads/worker-main.ts'));
  const isWanted = compiled === undefined && !isAsked;
  isAsked ||= isWanted;
  return { text, compiled, isWanted };
};

/** What the thread that was asked has compiled; nothing when it ended before. All that start from now on share it. */
export const keepCompiled = (code: Uint8Array | undefined): void => {
  isAsked = false;
  compiled = code === undefined ? undefined : new Uint8Array(new SharedArrayBuffer(code.byteLength));
  if (code !== undefined) compiled?.set(code);
};
