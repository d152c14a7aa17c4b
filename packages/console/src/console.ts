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
  return async ({ method, path, body }) => {
    const below = path.slice(CONSOLE_PATH.length);
    if (below.startsWith('api/')) {
      return method === 'POST'
        ? call(below.slice('api/'.length), body)
        : json(405, { message: 'calls are POST with Content-Type: application/json' });
    }
    const file = method === 'GET' || method === 'HEAD' ? pageFile(below) : undefined;
    if (file === undefined) return json(404, { message: `nothing is at ${path}; "npm run build" makes the pages` });
    const cache = file.isForEver ? 'public, max-age=31536000, immutable' : 'no-cache';
    return {
      status: 200,
      contentType: file.contentType,
      headers: [...SECURITY, 'Cache-Control', cache],
      body: file.body,
    };
  };
};
