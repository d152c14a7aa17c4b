import type { ErrorLog } from './console.ts';
import { contexts, setTrace } from './context.ts';
import { RuntimeError, reportOf, resultText } from './errors.ts';
import type { Callback, ClientInvocation, Handler, Platform, RuntimeClient } from './platform.ts';

const NODEJS_EXIT =
  'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes';
const CALLBACK_WARNING =
  'AWS Lambda plans to remove support for callback-based function handlers starting with Node.js 24. You will need to update this function to use an async handler to use Node.js 24 or later. For more information and to provide feedback on this change, see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/137. To disable this warning, set the AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING environment variable.';

/** Exit statuses after an exception that nobody caught, and after a rejection that nobody handled. */
const UNCAUGHT_STATUS = 129;
const UNHANDLED_STATUS = 128;

const isAsync = (handler: Handler): boolean => handler.constructor?.name === 'AsyncFunction';

class UnhandledPromiseRejection extends RuntimeError {
  readonly reason: unknown;
  readonly promise: unknown;
  constructor(reason: unknown, promise: unknown) {
    super(3, 'UnhandledPromiseRejection', String(reason));
    this.reason = reason;
    this.promise = promise;
  }
}

interface Parts {
  readonly platform: Platform;
  readonly logError: ErrorLog;
  readonly setImmediate: (run: () => void) => void;
}

/**
 * Ends of invocations as in AWS's client for `nodejs22.x` and before (generation 3): by a promise, by the callback or
 * `context.succeed`, `fail`, `done`, and else when nothing is left that could run.
 *
 * To be made before the function's code is loaded, because it listens for errors that nobody catches.
 *
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
export class CallbackClient {
  readonly #parts: Parts;
  readonly #contextOf = contexts();
  /** Of the invocation that runs or ran last; `undefined` while the code is loaded. */
  #requestId: string | undefined;
  /** What is done once the event loop is empty. */
  #whenEmpty: () => void = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    process.on('uncaughtException', (error) => this.#crash('Uncaught Exception', error, UNCAUGHT_STATUS));
    process.on('unhandledRejection', (reason, promise) => {
      const error = new UnhandledPromiseRejection(reason, promise);
      this.#crash('Unhandled Promise Rejection', error, UNHANDLED_STATUS);
    });
    process.on('beforeExit', () => this.#whenEmpty());
  }

  with(handler: Handler): RuntimeClient {
    const { platform, logError } = this.#parts;
    const isDeprecated = handler.length === 3 && !isAsync(handler);
    if (isDeprecated && process.env['AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING'] === undefined) {
      console.warn(CALLBACK_WARNING);
    }
    return {
      invoke: (invocation) => {
        const { requestId } = invocation;
        this.#requestId = requestId;
        const ends = this.#endsOf(requestId);
        this.#whenEmpty = () => {
          ends.markCompleted();
          this.#whenEmpty = () => {};
          if (!isAsync(handler)) {
            platform.respond(requestId, 'null');
            return;
          }
          const error = new RuntimeError(3, 'NodeJsExit', NODEJS_EXIT);
          logError('Invoke Error', error);
          platform.fail(requestId, reportOf(error));
        };
        this.#call(handler, invocation, ends);
      },
    };
  }

  /** An error of the code while it is loaded: nobody catches it on AWS either. */
  failedToLoad(error: unknown): void {
    this.#crash('Uncaught Exception', error, UNCAUGHT_STATUS);
  }

  #call(handler: Handler, invocation: ClientInvocation, { context, callback }: Ends): void {
    try {
      setTrace(invocation);
      Object.assign(context, this.#contextOf(invocation));
      const result = handler(JSON.parse(invocation.payload), context, callback) as PromiseLike<unknown> | undefined;
      if (result && typeof result.then === 'function') {
        (result.then(context.succeed, context.fail) as Promise<void>).catch(context.fail);
      }
    } catch (error) {
      callback(error);
    }
  }

  #crash(what: string, error: unknown, status: number): void {
    const { platform, logError } = this.#parts;
    logError(what, error);
    if (this.#requestId === undefined) platform.initFailed(reportOf(error));
    else platform.fail(this.#requestId, reportOf(error));
    platform.exit(status);
  }

  /** The ways to end an invocation, of which the first that is taken counts. */
  #endsOf(requestId: string): Ends {
    const { platform, logError } = this.#parts;
    let isCompleted = false;
    let waits = true;
    const complete = (result: unknown): void => {
      if (isCompleted) {
        console.error(
          'Invocation has already been reported as done. Cannot call complete more than once per invocation.',
        );
        return;
      }
      isCompleted = true;
      platform.respond(
        requestId,
        resultText(result, () => new Error('Unable to stringify response body')),
      );
    };
    const failed = (error: unknown): void => {
      logError('Invoke Error', error);
      platform.fail(requestId, reportOf(error));
    };
    const end = (error: unknown, result: unknown): void => {
      this.#whenEmpty = () => {};
      if (error !== undefined && error !== null) failed(error);
      else complete(result);
    };
    let isEnded = false;
    const once = (run: Callback): Callback => {
      return (...parts) => {
        if (isEnded) return;
        run(...parts);
        isEnded = true;
      };
    };
    return {
      markCompleted: () => {
        isCompleted = true;
      },
      callback: once((error, result) => {
        if ((error !== undefined && error !== null) || !waits) {
          end(error, result);
          return;
        }
        this.#whenEmpty = () => {
          this.#whenEmpty = () => {};
          this.#parts.setImmediate(() => complete(result));
        };
      }),
      context: {
        get callbackWaitsForEmptyEventLoop() {
          return waits;
        },
        set callbackWaitsForEmptyEventLoop(value: boolean) {
          waits = value;
        },
        succeed: once((result) => end(null, result)),
        fail: once((error) => end(error ?? 'handled', null)),
        done: once((error, result) => end(error, result)),
      },
    };
  }
}

interface Ends {
  readonly markCompleted: () => void;
  readonly callback: Callback;
  readonly context: {
    callbackWaitsForEmptyEventLoop: boolean;
    readonly succeed: Callback;
    readonly fail: Callback;
    readonly done: Callback;
  };
}
