import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '../../node-http.ts';

/** Largest response a function may give: 6 MB and 100 bytes, as AWS's own message says. */
export const RESPONSE_MAX_BYTES = 6_291_556;

/** An invocation on its way to the code. */
export interface OfferedInvocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** Epoch milliseconds of the machine's clock: the only one a process has. */
  readonly deadline: number;
  readonly invokedFunctionArn: string;
  readonly traceHeader: string;
  /** JSON text. */
  readonly clientContext: string | undefined;
}

/** Who gives work to the code behind the API, and takes what it reports. */
export interface RuntimeApiOwner {
  /** The code asks for work; `undefined` when there is none yet ({@link RuntimeApi.offer} says when there is). */
  next(): OfferedInvocation | undefined;
  responded(payload: string): void;
  responseTooLarge(): void;
  failed(errorType: string, payload: string): void;
  initFailed(errorType: string, payload: string): void;
}

type State = 'Started' | 'Ready' | 'Running' | 'ResponseSent' | 'InitError';

interface Body {
  readonly text: string;
  readonly isTooLarge: boolean;
}

const readBody = async (request: IncomingMessage): Promise<Body> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // The rest is read and dropped: a client that is still sending would not see the answer.
    if (bytes <= RESPONSE_MAX_BYTES) chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isTooLarge: bytes > RESPONSE_MAX_BYTES };
};

const answer = (response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
};
const accept = (response: ServerResponse): void => answer(response, 202, { status: 'OK' });

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The error type that a runtime reports: by header, else as in the body. */
const errorTypeOf = (request: IncomingMessage, payload: string): string => {
  const header = textOf(request.headers['lambda-runtime-function-error-type']);
  if (header !== undefined) return header;
  try {
    return textOf((JSON.parse(payload) as { errorType?: unknown } | null)?.errorType) ?? 'Runtime.Unknown';
  } catch {
    return 'Runtime.Unknown';
  }
};

/** Headers hold no characters beyond ASCII, JSON needs none. */
const asciiJson = (json: string): string =>
  json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * The Lambda Runtime API (version 2018-06-01) for one execution environment, on a loopback port of its own.
 *
 * Started ─next─▶ Ready ─offer─▶ Running ─response│error─▶ ResponseSent ─next─▶ Ready; what comes in another state
 * is refused with 403. Extensions, telemetry and SnapStart's calls do not exist.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export class RuntimeApi {
  readonly #owner: RuntimeApiOwner;
  readonly #server: Server;
  #state: State = 'Started';
  #requestId: string | undefined;
  #waiting: ServerResponse | undefined;

  private constructor(owner: RuntimeApiOwner) {
    this.#owner = owner;
    this.#server = http.createServer((request, response) => {
      this.#route(request, response).catch(() => response.destroy());
    });
    // `next` is open for as long as the environment is idle.
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.keepAliveTimeout = 0;
    this.#server.unref();
  }

  static async listen(owner: RuntimeApiOwner): Promise<RuntimeApi> {
    const api = new RuntimeApi(owner);
    await new Promise<void>((resolve, reject) => {
      api.#server.once('error', reject);
      api.#server.listen(0, '127.0.0.1', resolve);
    });
    return api;
  }

  /** Value of `AWS_LAMBDA_RUNTIME_API`: host and port. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** There is work now: hands it out when the code is already waiting for it. */
  offer(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const invocation = this.#owner.next();
    if (invocation === undefined) return;
    this.#waiting = undefined;
    this.#handOut(invocation, waiting);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0] ?? '';
    if (request.method === 'GET' && path === '/2018-06-01/runtime/invocation/next') {
      this.#next(response);
      return;
    }
    const body = await readBody(request);
    const report = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path);
    if (request.method === 'POST' && report !== null) {
      this.#report(request, response, body, decodeURIComponent(report[1] as string), report[2] === 'response');
    } else if (request.method === 'POST' && path === '/2018-06-01/runtime/init/error') {
      this.#initError(request, response, body);
    } else {
      answer(response, 404, { errorMessage: `No such path: ${request.method} ${path}`, errorType: 'InvalidPath' });
    }
  }

  #next(response: ServerResponse): void {
    if (this.#state === 'Running' || this.#state === 'InitError') {
      this.#refuseTransition(response, 'Ready');
      return;
    }
    this.#state = 'Ready';
    const invocation = this.#owner.next();
    if (invocation !== undefined) {
      this.#handOut(invocation, response);
      return;
    }
    // Whoever asked before has given up or will not be heard: one invocation goes to one waiter.
    this.#waiting?.destroy();
    this.#waiting = response;
    response.once('close', () => {
      if (this.#waiting === response) this.#waiting = undefined;
    });
  }

  #handOut(invocation: OfferedInvocation, response: ServerResponse): void {
    this.#state = 'Running';
    this.#requestId = invocation.requestId;
    const { clientContext } = invocation;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(invocation.payload),
      'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
      'Lambda-Runtime-Deadline-Ms': String(invocation.deadline),
      'Lambda-Runtime-Invoked-Function-Arn': invocation.invokedFunctionArn,
      'Lambda-Runtime-Trace-Id': invocation.traceHeader,
      ...(clientContext === undefined ? {} : { 'Lambda-Runtime-Client-Context': asciiJson(clientContext) }),
    });
    response.end(invocation.payload);
  }

  #report(
    request: IncomingMessage,
    response: ServerResponse,
    body: Body,
    requestId: string,
    isResponse: boolean,
  ): void {
    if (requestId !== this.#requestId) {
      answer(response, 400, { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' });
      return;
    }
    if (this.#state !== 'Running') {
      this.#refuseTransition(response, isResponse ? 'InvocationResponse' : 'InvocationErrorResponse');
      return;
    }
    this.#state = 'ResponseSent';
    // The owner first: what the code writes once it has the answer is no longer part of this invocation.
    if (body.isTooLarge) {
      this.#owner.responseTooLarge();
      answer(response, 413, {
        errorMessage: `Exceeded maximum allowed payload size (${RESPONSE_MAX_BYTES} bytes).`,
        errorType: 'RequestEntityTooLarge',
      });
      return;
    }
    if (isResponse) this.#owner.responded(body.text);
    else this.#owner.failed(errorTypeOf(request, body.text), body.text);
    accept(response);
  }

  #initError(request: IncomingMessage, response: ServerResponse, body: Body): void {
    if (this.#state !== 'Started') {
      this.#refuseTransition(response, 'InitError');
      return;
    }
    this.#state = 'InitError';
    accept(response);
    // No owner first here: it closes the connection.
    this.#owner.initFailed(errorTypeOf(request, body.text), body.text);
  }

  #refuseTransition(response: ServerResponse, to: string): void {
    answer(response, 403, {
      errorMessage: `State transition from ${this.#state} to ${to} failed for runtime. Error: State transition is not allowed`,
      errorType: 'InvalidStateTransition',
    });
  }
}
