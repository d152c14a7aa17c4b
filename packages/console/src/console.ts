import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HoldfastError } from '@holdfast/kernel';
import type { ConsoleApi } from './api.ts';
import { type ConsolePorts, consoleCalls } from './calls.ts';
import { pageFile } from './files.ts';
import { RefusedError } from './refused.ts';

/** Everything of the console lies below it. */
export const CONSOLE_PATH = '/_holdfast/console/';

export interface ConsoleRequest {
  readonly method: string;
  /** Without query, e.g. `/_holdfast/console/api/jobs`. */
  readonly path: string;
  readonly body: Uint8Array;
  /** `Accept-Encoding` as the browser sent it. */
  readonly acceptEncoding?: string | undefined;
}

export interface ConsoleResponse {
  readonly status: number;
  readonly contentType: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** Scripts, styles, fonts and calls of this port alone; nothing inline runs, and nobody frames it. */
const SECURITY = [
  'Content-Security-Policy',
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'same-origin',
] as const;

const json = (status: number, body: unknown): ConsoleResponse => ({
  status,
  contentType: 'application/json',
  headers: [...SECURITY, 'Cache-Control', 'no-store'],
  body: JSON.stringify(body),
});

/** From here on fewer bytes are worth the work. */
const COMPRESSED_MIN_BYTES = 1_400;

const compress = promisify(gzip);

const COMPRESSIBLE = /^(?:text\/|application\/json|image\/svg)/;

/** The same answer in fewer bytes, for who takes it so. What never changes is compressed once. */
const smaller = async (
  response: ConsoleResponse,
  acceptEncoding: string | undefined,
  kept: Map<string, Uint8Array>,
  keepAs: string | undefined,
): Promise<ConsoleResponse> => {
  const { body, contentType, headers } = response;
  const isWorth = body.length >= COMPRESSED_MIN_BYTES && COMPRESSIBLE.test(contentType);
  if (!isWorth || !/\bgzip\b/.test(acceptEncoding ?? '')) return response;
  const made = (keepAs === undefined ? undefined : kept.get(keepAs)) ?? (await compress(body));
  if (keepAs !== undefined) kept.set(keepAs, made);
  return { ...response, headers: [...headers, 'Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding'], body: made };
};

/** What people can mend is 4xx, in the words of who refused. */
const statusOf = (error: Error): number => {
  if (error instanceof RefusedError) return 403;
  if (error instanceof HoldfastError) return 400;
  return '$metadata' in error ? 502 : 500;
};

/** Answers everything below {@link CONSOLE_PATH}; the same for the engine's port and for the command that serves AWS. */
export const createConsole = (ports: ConsolePorts): ((request: ConsoleRequest) => Promise<ConsoleResponse>) => {
  const calls = consoleCalls(ports);
  const call = async (name: string, body: Uint8Array): Promise<ConsoleResponse> => {
    if (!Object.hasOwn(calls, name)) return json(404, { message: `"${name}" is no call of the console` });
    try {
      const input = JSON.parse(new TextDecoder().decode(body)) as never;
      return json(200, await calls[name as keyof ConsoleApi](input));
    } catch (error) {
      if (error instanceof SyntaxError) return json(400, { message: 'the body must be JSON' });
      const { name: code, message } = error as Error;
      return json(statusOf(error as Error), { code, message });
    }
  };
  const kept = new Map<string, Uint8Array>();
  return async ({ method, path, body, acceptEncoding }) => {
    const below = path.slice(CONSOLE_PATH.length);
    if (below.startsWith('api/')) {
      if (method !== 'POST') return json(405, { message: 'calls are POST with Content-Type: application/json' });
      return smaller(await call(below.slice('api/'.length), body), acceptEncoding, kept, undefined);
    }
    const file = method === 'GET' || method === 'HEAD' ? pageFile(below) : undefined;
    if (file === undefined) return json(404, { message: `nothing is at ${path}; "npm run build" makes the pages` });
    const cache = file.isForEver ? 'public, max-age=31536000, immutable' : 'no-cache';
    const response = {
      status: 200,
      contentType: file.contentType,
      headers: [...SECURITY, 'Cache-Control', cache],
      body: file.body,
    };
    return smaller(response, acceptEncoding, kept, file.isForEver ? below : undefined);
  };
};
