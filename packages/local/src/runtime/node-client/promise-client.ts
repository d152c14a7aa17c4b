import type { ErrorLog } from './console.ts';
import { contexts, setTrace } from './context.ts';
import { RuntimeError, reportOf, resultText } from './errors.ts';
import type { Handler, Platform, RuntimeClient } from './platform.ts';

const CALLBACKS_REMOVED =
  'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.';

/**
 * Ends of invocations as in AWS's client for `nodejs24.x` and later (generation 4): by what the handler returns or
 * throws, and by nothing else. Errors that nobody catches, and an empty event loop, end the process as Node.js does.
 */
export const promiseClient = (
  handler: Handler,
  platform: Platform,
  logError: ErrorLog,
  setImmediate: (run: () => void) => void,
): RuntimeClient => {
  if (handler.length >= 3) throw new RuntimeError(4, 'CallbackHandlerDeprecated', CALLBACKS_REMOVED);
  const contextOf = contexts();
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    invoke: async (invocation) => {
      const { requestId } = invocation;
      setTrace(invocation);
      const context = { ...contextOf(invocation), xRayTraceId: invocation.traceHeader };
      try {
        const result = await handler(JSON.parse(invocation.payload), context);
        await turn();
        const unserialisable = (): Error =>
          new RuntimeError(4, 'JSONStringifyError', 'Unable to stringify response body');
        platform.respond(requestId, resultText(result, unserialisable));
      } catch (error) {
        await turn();
        logError('Invoke Error', error);
        platform.fail(requestId, reportOf(error));
      }
    },
  };
};
