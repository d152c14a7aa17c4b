import { createServer as createHttp1Server, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { corsHeaders, loopbackOriginOf, preflightHeaders } from './cors.ts';
import { Dispatcher } from './dispatcher.ts';
import { BODY_LIMIT_BYTES, type GatewayOptions } from './options.ts';
import type { Exchange, WireRequest, WireResponse } from './wire.ts';

/** Start of the HTTP/2 connection preface; no HTTP/1.1 method begins like this. */
const HTTP2_PREFACE = Buffer.from('PRI');
const HEADER_SIZE_MAX_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 120_000;
const HTTP2_STREAMS_MAX = 10_000;
/** Bytes up to this length are handed over as text, which Node writes together with the head in one piece. */
const ONE_WRITE_MAX_BYTES = 8 * 1024;

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** One port on which every service answers every AWS client, in HTTP/1.1 and in HTTP/2 with prior knowledge. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #dispatcher: Dispatcher;
  readonly #bodyLimitBytes: number;
  readonly #http1: Server;
  readonly #http2: Http2Server;
  readonly #listener: TcpServer;
  readonly #sockets = new Set<Socket>();
  #date = '';
  #dateSecond = -1;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#dispatcher = new Dispatcher(options);
    this.#bodyLimitBytes = options.bodyLimitBytes ?? BODY_LIMIT_BYTES;
    this.#http1 = createHttp1Server(
      { maxHeaderSize: HEADER_SIZE_MAX_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
      (req, res) => this.#serve(req, res),
    );
    this.#http2 = createHttp2Server({ settings: { maxConcurrentStreams: HTTP2_STREAMS_MAX } }, (req, res) =>
      this.#serve(req, res),
    );
    this.#listener = createTcpServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#greet(socket));
  }

  /** Port 0 takes any free port; the answer says which. */
  async listen(port: number, host: string): Promise<{ port: number }> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen(port, host, () => {
        this.#listener.off('error', reject);
        resolve();
      });
    });
    return { port: (this.#listener.address() as AddressInfo).port };
  }

  /** Ends all connections, also those of callers who wait in a long poll. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    this.#http1.close();
    await closed;
  }

  /** Finds out once per connection which HTTP it speaks. */
  #greet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A connection that breaks before or between requests is nobody's concern.
    socket.on('error', () => socket.destroy());
    let seen: Buffer | undefined;
    const onData = (data: Buffer): void => {
      seen = seen === undefined ? data : Buffer.concat([seen, data]);
      const length = Math.min(seen.length, HTTP2_PREFACE.length);
      const isPreface = seen.compare(HTTP2_PREFACE, 0, length, 0, length) === 0;
      if (isPreface && length < HTTP2_PREFACE.length) return;
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.pause();
      socket.unshift(seen);
      if (isPreface) {
        // An HTTP/2 session reads what the socket has buffered, and then the handle below it, by itself.
        this.#http2.emit('connection', socket);
        return;
      }
      this.#http1.emit('connection', socket);
      socket.resume();
    };
    const onEnd = (): void => {
      socket.end();
    };
    socket.on('data', onData);
    socket.on('end', onEnd);
  }

  #serve(req: Request, res: Response): void {
    const exchange = new HttpExchange(this, req, res);
    const limitBytes = this.#bodyLimitBytes;
    const chunks: Buffer[] = [];
    let size = 0;
    let isTooLarge = Number(req.headers['content-length']) > limitBytes;
    const refuse = (): void => {
      isTooLarge = true;
      chunks.length = 0;
      exchange.endsConnection = true;
      this.#dispatcher.refuseTooLarge(wireRequestOf(req, Buffer.alloc(0)), limitBytes, exchange);
    };
    if (req.httpVersionMajor === 2) {
      // HTTP/1.1 keeps broken requests to itself; HTTP/2 tells, and there is nothing to be done.
      req.on('error', () => {});
      res.on('error', () => {});
    }
    if (isTooLarge) refuse();
    req.on('data', (chunk: Buffer) => {
      if (isTooLarge) return;
      size += chunk.length;
      if (size > limitBytes) refuse();
      else chunks.push(chunk);
    });
    req.on('end', () => {
      if (isTooLarge) return;
      if (req.method === 'OPTIONS' && req.headers.origin !== undefined) {
        exchange.respond(preflight(req));
        return;
      }
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
      this.#dispatcher.dispatch(wireRequestOf(req, body), exchange);
    });
  }

  /** `Date` follows the engine's clock, which may be ahead of the machine's. */
  get date(): string {
    const now = this.#options.clock.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = new Date(now).toUTCString();
    }
    return this.#date;
  }
}

const preflight = (req: Request): WireResponse => {
  const origin = loopbackOriginOf(req.headers);
  return origin === undefined
    ? { status: 403, headers: [], body: '' }
    : { status: 204, headers: preflightHeaders(origin, req.headers), body: '' };
};

const wireRequestOf = (req: Request, body: Buffer): WireRequest => {
  const url = req.url ?? '/';
  // Proxies send the whole URL.
  const target = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/?]*/i, '') || '/';
  const mark = target.indexOf('?');
  const authority = req.headers[':authority'];
  return {
    method: req.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers: req.headers,
    body,
    host: req.headers.host ?? (typeof authority === 'string' ? authority : undefined),
    sourceIp: sourceIpOf(req),
  };
};

const sourceIpOf = (req: Request): string | undefined => {
  try {
    return req.socket.remoteAddress;
  } catch {
    // An HTTP/2 session that is gone has no socket any more.
    return undefined;
  }
};

/** A request and its response, whichever HTTP they speak. */
class HttpExchange implements Exchange {
  readonly #gateway: Gateway;
  readonly #req: Request;
  readonly #res: Response;
  #isDone = false;
  #hasGone = false;
  #listeners: (() => void)[] | undefined;
  /** The rest of the request is not read: the connection is of no use afterwards. */
  endsConnection = false;

  constructor(gateway: Gateway, req: Request, res: Response) {
    this.#gateway = gateway;
    this.#req = req;
    this.#res = res;
  }

  respond({ status, headers, body }: WireResponse): void {
    const res = this.#res;
    if (this.#isDone || res.destroyed) return;
    headers.push('Date', this.#gateway.date);
    const isHttp1 = this.#req.httpVersionMajor === 1;
    if (this.endsConnection && isHttp1) headers.push('Connection', 'close');
    const origin = loopbackOriginOf(this.#req.headers);
    if (origin !== undefined && this.#req.method !== 'OPTIONS') headers.push(...corsHeaders(origin));
    const hasNoBody = this.#req.method === 'HEAD' || status === 204 || status === 304;
    if (!hasNoBody) setContentLength(headers, body);
    // Both classes have this method; their overloads do not unite.
    (res as ServerResponse).writeHead(status, headers);
    this.#isDone = true;
    if (hasNoBody || body.length === 0) res.end();
    else if (isHttp1 && typeof body !== 'string' && body.length <= ONE_WRITE_MAX_BYTES)
      res.end(latin1Of(body), 'latin1');
    else res.end(body);
  }

  onGone(listener: () => void): void {
    this.#hasGone ||= !this.#isDone && isClosed(this.#res);
    if (this.#hasGone) {
      listener();
      return;
    }
    if (this.#listeners !== undefined) {
      this.#listeners.push(listener);
      return;
    }
    this.#listeners = [listener];
    this.#res.on('close', () => {
      if (this.#isDone) return;
      this.#isDone = true;
      this.#hasGone = true;
      for (const call of this.#listeners ?? []) call();
    });
  }
}

const isClosed = (res: Response): boolean =>
  'stream' in res
    ? ((res as Http2ServerResponse).stream as { destroyed?: boolean } | undefined)?.destroyed !== false
    : res.destroyed;

/** One character for each byte: written as Latin-1 they are the same bytes again. */
const latin1Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** The length of the body itself, whatever an operation says it is. */
const setContentLength = (headers: string[], body: string | Uint8Array): void => {
  const length = String(typeof body === 'string' ? Buffer.byteLength(body) : body.length);
  const at = headers.indexOf('content-length');
  if (at >= 0) headers[at + 1] = length;
  else headers.push('Content-Length', length);
};
