import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Generation } from './generation.ts';

/** For tests: AWS's own runtime client, as published, without its native part. */
const PUBLISHED = {
  3: { version: '3.3.0', main: 'package/bin/index.mjs', native: 'package/dist/rapid-client.node' },
  4: { version: '4.0.2', main: 'package/index.mjs', native: 'package/rapid-client.node' },
} as const;

/** Log target that Lambda gives its client: frames of 16 bytes and a text. */
const LOG_FD = 3;
const NEXT_FD = 4;
const REPORT_FD = 5;
const FRAME_HEAD_BYTES = 16;

/** In place of the native part: the same three functions over pipes, with the same refusals. */
const STUB = `
const fs = require('node:fs');
require('node:module')._extensions['.node'] = (module) => {
  const text = (part) => { if (typeof part !== 'string') throw new TypeError('Wrong arguments'); return part; };
  const report = (...parts) => fs.writeSync(${REPORT_FD}, JSON.stringify(parts.map(text)) + '\\n');
  let rest = '';
  const read = () => new Promise((resolve, reject) => {
    const buffer = Buffer.alloc(65536);
    fs.read(${NEXT_FD}, buffer, 0, buffer.length, null, (error, bytes) => error ? reject(error) : resolve(buffer.toString('utf8', 0, bytes)));
  });
  module.exports = {
    next: async () => {
      report('next');
      while (!rest.includes('\\n')) {
        const more = await read();
        if (more === '') return new Promise(() => setInterval(() => {}, 1000));
        rest += more;
      }
      const end = rest.indexOf('\\n');
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      return JSON.parse(line);
    },
    done: (id, payload) => report('done', id, payload),
    error: (id, payload) => report('error', id, payload),
  };
};`;

export interface ClientRun {
  readonly taskRoot: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly payloads: readonly unknown[];
}

export interface ClientResult {
  /** For each invocation its result or error as JSON text, or `exit <status>`. */
  readonly ends: readonly string[];
  /** Of the function's log and of standard output and error, in order within each. */
  readonly lines: readonly string[];
}

/** Fetches a published client once per machine; `undefined` when that is not possible. */
export const awsClient = (generation: Generation): string | undefined => {
  const { version, main, native } = PUBLISHED[generation];
  const directory = join(tmpdir(), `holdfast-aws-lambda-ric-${version}`);
  if (!existsSync(join(directory, main))) {
    const fresh = mkdtempSync(join(tmpdir(), 'holdfast-aws-lambda-ric-'));
    try {
      execFileSync('npm', ['pack', `aws-lambda-ric@${version}`, '--silent'], { cwd: fresh, timeout: 60_000 });
      execFileSync('tar', ['xzf', `aws-lambda-ric-${version}.tgz`], { cwd: fresh });
      mkdirSync(dirname(join(fresh, native)), { recursive: true });
      writeFileSync(join(fresh, native), '');
      writeFileSync(join(fresh, 'stub.cjs'), STUB);
      renameSync(fresh, directory);
    } catch {
      rmSync(fresh, { recursive: true, force: true });
      return undefined;
    }
  }
  return directory;
};

/** Runs a function under AWS's client until it has ended all invocations, or the process has ended. */
export const runAwsClient = async (
  directory: string,
  generation: Generation,
  { taskRoot, handler, environment, payloads }: ClientRun,
): Promise<ClientResult> => {
  const ends: string[] = [];
  const lines: string[] = [];
  let initError: string | undefined;
  const initErrors = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      initError = Buffer.concat(chunks).toString('utf8');
      response.writeHead(202).end('{}');
    })();
  });
  await new Promise<void>((resolve) => initErrors.listen(0, '127.0.0.1', resolve));
  const { PATH = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--require', join(directory, 'stub.cjs'), join(directory, PUBLISHED[generation].main), handler],
    {
      cwd: taskRoot,
      env: {
        PATH,
        TZ: ':UTC',
        LAMBDA_TASK_ROOT: taskRoot,
        _HANDLER: handler,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(initErrors.address() as AddressInfo).port}`,
        AWS_LAMBDA_FUNCTION_NAME: 'fn',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
        AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
        _LAMBDA_TELEMETRY_LOG_FD: String(LOG_FD),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    },
  );
  const [, stdout, stderr, log, next, report] = child.stdio as unknown as [
    null,
    Readable,
    Readable,
    Readable,
    Writable,
    Readable,
  ];
  next.on('error', () => {});
  const frames: Buffer[] = [];
  log.on('data', (chunk: Buffer) => frames.push(chunk));
  for (const stream of [stdout, stderr]) createInterface(stream).on('line', (line) => lines.push(line));
  const waiting = [...payloads];
  let number = 0;
  let isOffered = false;
  createInterface(report).on('line', (line) => {
    const [what, id, payload] = JSON.parse(line) as [string, string, string];
    if (what === 'next') {
      if (waiting.length === 0) {
        child.kill('SIGKILL');
        return;
      }
      number += 1;
      isOffered = true;
      const headers = {
        'lambda-runtime-deadline-ms': Date.now() + 3_000,
        'lambda-runtime-aws-request-id': `request-${number}`,
        'lambda-runtime-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      };
      next.write(`${JSON.stringify({ headers, bodyJson: JSON.stringify(waiting.shift()) })}\n`);
      return;
    }
    // Reports of an invocation that has been reported are refused by Lambda.
    if (!isOffered || id !== `request-${number}`) return;
    isOffered = false;
    ends.push(payload);
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (isOffered || number === 0) ends.push(`exit ${status}`);
  initErrors.close();
  let rest = Buffer.concat(frames);
  while (rest.length >= FRAME_HEAD_BYTES) {
    const bytes = rest.readInt32BE(4);
    lines.push(rest.toString('utf8', FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + bytes).replace(/\n$/, ''));
    rest = rest.subarray(FRAME_HEAD_BYTES + bytes);
  }
  // Lambda takes nothing from an environment that has reported this.
  return { ends: initError === undefined ? ends : [initError], lines };
};
