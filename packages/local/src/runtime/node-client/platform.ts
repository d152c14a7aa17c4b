/** An invocation as the runtime client gets it. */
export interface ClientInvocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** Epoch milliseconds of the clock that the function sees. */
  readonly deadline: number;
  readonly invokedFunctionArn: string;
  readonly traceHeader: string;
  /** JSON text. */
  readonly clientContext: string | undefined;
}

/** An error as it is reported: what the caller of the function gets. */
export interface ReportedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What a runtime client has above it: the Runtime API, or the engine itself on the other side of a port. */
export interface Platform {
  /** `payload` is JSON text. The client takes the next invocation when it is handed one. */
  respond(requestId: string, payload: string): void;
  fail(requestId: string, error: ReportedError): void;
  initFailed(error: ReportedError): void;
  /** Ends the environment once everything above is on its way. */
  exit(code: number): void;
}

/** A handler, whatever it is declared as. */
export type Handler = (event: unknown, context: object, callback?: Callback) => unknown;
export type Callback = (error?: unknown, result?: unknown) => void;

/** One generation of AWS's client: how it takes an invocation to its end. */
export interface RuntimeClient {
  invoke(invocation: ClientInvocation): void;
}
