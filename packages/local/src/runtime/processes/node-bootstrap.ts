/**
 * Runs a Node.js function in a process of its own: the runtime client over the Lambda Runtime API. Bundled into one
 * file, and started with one parameter, its {@link BootstrapOptions} as JSON.
 */

import * as fs from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { enableCompileCache, registerHooks } from 'node:module';
import { elsewhere } from '../node-client/elsewhere.ts';
import type { Platform, ReportedError, RuntimeClient } from '../node-client/platform.ts';
import { runtimeClient } from '../node-client/run.ts';
import { writeEvent } from '../node-client/write-event.ts';
import type { BootstrapOptions } from './node-start.ts';
import { guardParent } from './parent-guard.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as BootstrapOptions;
process.argv.splice(2);
guardParent(process as unknown as Parameters<typeof guardParent>[0]);
const api = process.env['AWS_LAMBDA_RUNTIME_API'];
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const { setImmediate: later } = globalThis;
const { toISOString } = Date.prototype;

interface Answer {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const call = (method: 'GET' | 'POST', path: string, body?: string, errorType?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/json',
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      ...(errorType === undefined ? {} : { 'Lambda-Runtime-Function-Error-Type': encodeURIComponent(errorType) }),
    };
    const sent = request(`http://${api}/2018-06-01/runtime${path}`, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

/** What has been reported is on its way. */
let reported: Promise<unknown> = Promise.resolve();
let exitCode: number | undefined;
let client: RuntimeClient | undefined;
/** The invocation under way. */
let requestId: string | undefined;

/** The engine is gone: so is this. */
const lost = (): never => process.exit(1);
const header = (answer: Answer, name: string): string => String(answer.headers[name] ?? '');

const next = async (): Promise<void> => {
  const answer = await call('GET', '/invocation/next');
  const clientContext = header(answer, 'lambda-runtime-client-context');
  requestId = header(answer, 'lambda-runtime-aws-request-id');
  client?.invoke({
    requestId,
    payload: answer.body,
    deadline: Number(header(answer, 'lambda-runtime-deadline-ms')),
    invokedFunctionArn: header(answer, 'lambda-runtime-invoked-function-arn'),
    traceHeader: header(answer, 'lambda-runtime-trace-id'),
    clientContext: clientContext === '' ? undefined : clientContext,
  });
};
const report = (path: string, body: string, errorType?: string): void => {
  reported = reported.then(() => call('POST', path, body, errorType)).catch(lost);
};
/** What an invocation has ended with, until the loop has turned: what happens in that turn still belongs to it. */
let ended: (() => void) | undefined;
const reportEnd = (): void => {
  ended?.();
  ended = undefined;
};
const takeNext = (): void => {
  later(() => exitCode === undefined && next().catch(lost));
};
const end = (id: string, how: 'response' | 'error', body: string, errorType?: string): void => {
  // Lambda refuses a second report.
  if (id !== requestId) return;
  requestId = undefined;
  ended = () => report(`/invocation/${encodeURIComponent(id)}/${how}`, body, errorType);
  later(() => {
    reportEnd();
    void reported.then(takeNext);
  });
};

const platform: Platform = {
  respond: (id, payload) => end(id, 'response', payload),
  fail: (id, error: ReportedError) => end(id, 'error', JSON.stringify(error), error.errorType),
  initFailed: (error) => report('/init/error', JSON.stringify(error), error.errorType),
  exit: (code) => {
    exitCode = code;
    reportEnd();
    void reported.then(() => process.exit(code));
  },
};

const resolveElsewhere = elsewhere({ ...options, realOf: (path) => path, onLook: () => {} });
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      return resolveElsewhere(specifier, context, nextResolve, error);
    }
  },
});
if (options.compileCache !== undefined) enableCompileCache(options.compileCache);
client = await runtimeClient({
  taskRoot: process.env['LAMBDA_TASK_ROOT'] ?? process.cwd(),
  handler: process.env['_HANDLER'] ?? '',
  generation: options.generation,
  platform,
  files: fs,
  now: () => toISOString.call(new Date()),
  write: (event) => writeEvent(1, event),
  setImmediate: later,
});
if (client !== undefined) takeNext();
