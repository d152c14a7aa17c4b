import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONSOLE_PATH } from '@holdfast/console';
import { engineClock } from '../engine-clock.ts';
import { note, print } from '../output.ts';
import type { Target } from '../target.ts';
import { openConsole } from './mount.ts';

/** A repair, and the request around it, are far smaller. */
const BODY_MAX_BYTES = 2 ** 20;

const HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * Why a request is not let in: with a name of its own that resolves to this machine any page could read the account, and a
 * form of any page could send. What browsers say about themselves no page can forge.
 */
const refusalOf = ({ method, headers }: IncomingMessage): string | undefined => {
  const { host = '', origin } = headers;
  const site = headers['sec-fetch-site'];
  if (!HOST.test(host)) return `"${host}" is no name of this machine`;
  if (origin !== undefined && origin !== `http://${host}`) return `the page at ${origin} is not of this console`;
  if (site === 'cross-site') return 'a page of another site asks';
  if (method === 'GET' || method === 'HEAD') return undefined;
  return headers['content-type'] === 'application/json' ? undefined : 'calls take only Content-Type: application/json';
};

const bodyOf = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Serves the console to this machine alone until Ctrl-C. */
export const serveConsole = async (target: Target, port: number, asJson: boolean): Promise<void> => {
  const isEngine = target.endpoint !== undefined && (await engineClock(target.endpoint)) !== undefined;
  const answer = await openConsole(target, isEngine);
  const server = createServer(async (request, response) => {
    const end = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
    };
    try {
      const refusal = refusalOf(request);
      if (refusal !== undefined) return end(403, `Refused: ${refusal}.`);
      const { method = 'GET', url = '/' } = request;
      const [path = '/'] = url.split('?');
      if (!path.startsWith(CONSOLE_PATH)) {
        response.writeHead(302, { location: CONSOLE_PATH }).end();
        return;
      }
      const body = await bodyOf(request);
      if (body === undefined) return end(413, `Refused: the body has more than ${BODY_MAX_BYTES} bytes.`);
      const acceptEncoding = request.headers['accept-encoding'] as string | undefined;
      const made = await answer({ method, path, body, acceptEncoding });
      response.writeHead(made.status, ['Content-Type', made.contentType, ...made.headers]).end(made.body);
    } catch (error) {
      note(`${request.method} ${request.url}: ${(error as Error).message}`);
      end(500, 'Internal error; see the terminal.');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${CONSOLE_PATH}`;
  note('the console is read-only until you allow changes in it; Ctrl-C stops it');
  print(asJson ? JSON.stringify({ url }) : url);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  server.close();
  server.closeAllConnections();
};
