import { CallbackClient } from './callback-client.ts';
import { patchConsole } from './console.ts';
import { reportOf } from './errors.ts';
import type { Generation } from './generation.ts';
import { type HandlerFiles, loadHandler, provideGlobals } from './handler.ts';
import type { ClientInvocation, Platform, RuntimeClient } from './platform.ts';
import { promiseClient } from './promise-client.ts';

/** Status with which Node.js ends when the code's top level waits for what never comes; generation 4 does not wait there. */
const UNSETTLED_STATUS = { 3: 13, 4: 0 } as const;

export interface RunOptions {
  readonly taskRoot: string;
  readonly handler: string;
  /** Of AWS's client: 4 for `nodejs24.x` and later, 3 for everything before. */
  readonly generation: Generation;
  readonly platform: Platform;
  readonly files: HandlerFiles;
  readonly now: () => string;
  readonly write: (event: string) => void;
  readonly setImmediate: (run: () => void) => void;
}

/**
 * Loads a function's code and resolves to what takes its invocations, or to nothing when the code cannot be loaded
 * and that has been reported.
 */
export const runtimeClient = async (options: RunOptions): Promise<RuntimeClient | undefined> => {
  const { platform, generation, taskRoot, handler: name, files, setImmediate } = options;
  let requestId: string | undefined = generation === 4 ? '-' : undefined;
  const logError = patchConsole({
    generation,
    isJson: process.env['AWS_LAMBDA_LOG_FORMAT']?.toUpperCase() === 'JSON',
    leastLevel: process.env['AWS_LAMBDA_LOG_LEVEL'],
    now: options.now,
    requestId: () => requestId,
    write: options.write,
  });
  provideGlobals();
  const unsettled = (): void => platform.exit(UNSETTLED_STATUS[generation]);
  process.once('beforeExit', unsettled);
  const numbered = (client: RuntimeClient): RuntimeClient => ({
    invoke: (invocation: ClientInvocation) => {
      ({ requestId } = invocation);
      client.invoke(invocation);
    },
  });
  const callbacks = generation === 3 ? new CallbackClient({ platform, logError, setImmediate }) : undefined;
  try {
    const handler = await loadHandler(taskRoot, name, generation, files);
    return numbered(callbacks?.with(handler) ?? promiseClient(handler, platform, logError, setImmediate));
  } catch (error) {
    if (callbacks !== undefined) {
      callbacks.failedToLoad(error);
      return undefined;
    }
    logError('Init Error', error);
    platform.initFailed(reportOf(error));
    platform.exit(1);
    return undefined;
  } finally {
    process.off('beforeExit', unsettled);
  }
};
