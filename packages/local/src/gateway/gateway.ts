import type { Server } from 'node:http';
import type { Http2Server, Http2ServerRequest, ServerHttp2Session } from 'node:http2';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { http, http2 } from '../node-http.ts';
import { Dispatcher } from './dispatcher.ts';
import { HttpExchange, type HttpRequest, type HttpResponse } from './http-exchange.ts';
import { listenOn } from './listening.ts';
import { BODY_LIMIT_BYTES, type GatewayOptions, type ReceiveTimeouts, RPC_BODY_LIMIT_BYTES } from './options.ts';
import { PageAccess } from './page-access.ts';
import { ServiceCatalog } from './service-catalog.ts';
import { plainText, type WireRequest } from './wire.ts';

/** Start of the HTTP/2 connection preface; no HTTP/1.1 method begins like this. */
const HTTP2_PREFACE = Buffer.from('PRI');
const HEADER_SIZE_MAX_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 120_000;
const HTTP2_STREAMS_MAX = 10_000;

const RECEIVE_TIMEOUTS: ReceiveTimeouts = { headersMs: 30_000, requestMs: 300_000 };

/** One port on which every service answers every AWS client, in HTTP/1.1 and in HTTP/2 with prior knowledge. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #dispatcher: Dispatcher;
  readonly #access: PageAccess;
  readonly #bodyLimitBytes: number;
  readonly #timeouts: ReceiveTimeouts;
  readonly #http1: Server;
  #http2: Http2Server | undefined;
  readonly #listener: TcpServer;
  readonly #sockets = new Set<Socket>();
  readonly #dateNow = (): string => this.date;
  #date = '';
  #dateSecond = -1;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const catalog = new ServiceCatalog(options.services);
    this.#dispatcher = new Dispatcher(options, catalog);
    this.#access = new PageAccess(options, catalog);
    this.#bodyLimitBytes = options.bodyLimitBytes ?? BODY_LIMIT_BYTES;
    this.#timeouts = options.timeouts ?? RECEIVE_TIMEOUTS;
    const { headersMs, requestMs } = this.#timeouts;
    this.#http1 = http.createServer(
      {
        maxHeaderSize: HEADER_SIZE_MAX_BYTES,
        keepAliveTimeout: KEEP_ALIVE_MS,
        headersTimeout: headersMs,
        requestTimeout: requestMs,
        connectionsCheckingInterval: headersMs / 4,
      },
      (req, res) => this.#serve(req, res),
    );
    // It never listens itself; this is what starts its watch over slow requests.
    this.#http1.emit('listening');
    this.#listener = createTcpServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#greet(socket));
  }

  /** Port 0 takes any free port; the answer says which. */
  listen(port: number, host: string): Promise<{ port: number }> {
    return listenOn(this.#listener, port, host);
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
    const onSilence = (): void => {
      socket.destroy();
    };
    socket.setTimeout(this.#timeouts.headersMs, onSilence);
    let seen: Buffer | undefined;
    const onData = (data: Buffer): void => {
      seen = seen === undefined ? data : Buffer.concat([seen, data]);
      const length = Math.min(seen.length, HTTP2_PREFACE.length);
      const isPreface = seen.compare(HTTP2_PREFACE, 0, length, 0, length) === 0;
      if (isPreface && length < HTTP2_PREFACE.length) return;
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.off('timeout', onSilence);
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(seen);
      if (isPreface) {
        // An HTTP/2 session reads what the socket has buffered, and then the handle below it, by itself.
        this.#serverOfHttp2().emit('connection', socket);
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

  #serverOfHttp2(): Http2Server {
    if (this.#http2 !== undefined) return this.#http2;
    const server = http2().createServer({ settings: { maxConcurrentStreams: HTTP2_STREAMS_MAX } }, (req, res) =>
      this.#serve(req, res),
    );
    server.on('session', closeWhenIdle);
    server.on('sessionError', () => {});
    this.#http2 = server;
    return server;
  }

  /** Nothing that arrives may end the process: whatever fails on the way is answered here. */
  #serve(req: HttpRequest, res: HttpResponse): void {
    const exchange = new HttpExchange(this.#dateNow, req, res);
    try {
      if (req.httpVersionMajor === 2) {
        // HTTP/1.1 keeps broken requests to itself; HTTP/2 tells, and there is nothing to be done.
        req.on('error', () => {});
        res.on('error', () => {});
        this.#limitHttp2(req as Http2ServerRequest);
      }
      this.#whenReady(() => this.#receive(req, exchange), req, exchange);
    } catch (error) {
      this.#failed(error, req, exchange);
    }
  }

  /** Nobody is refused because a reset, or the start, is not over. */
  #whenReady(act: () => void, req: HttpRequest, exchange: HttpExchange): void {
    const ready = this.#options.ready?.();
    if (ready === undefined) act();
    else void ready.then(act).catch((error: unknown) => this.#failed(error, req, exchange));
  }

  #receive(req: HttpRequest, exchange: HttpExchange): void {
    const request = arrivingRequestOf(req);
    const access = this.#access.decide(request);
    if (access.answer !== undefined) {
      exchange.endsConnection = req.method !== 'OPTIONS';
      exchange.respond(access.answer);
      req.resume();
      return;
    }
    exchange.corsHeaders = access.corsHeaders;
    let limitBytes = Math.min(this.#bodyLimitBytes, UNEXAMINED_BODY_MAX_BYTES);
    let isRefused = false;
    const refuseTooLarge = (size: number): void => {
      limitBytes = this.#limitOf(request);
      if (size <= limitBytes) return;
      isRefused = true;
      exchange.endsConnection = true;
      this.#dispatcher.refuseTooLarge(request, limitBytes, exchange);
    };
    const announcedBytes = Number(req.headers['content-length'] ?? 0);
    if (announcedBytes > limitBytes) refuseTooLarge(announcedBytes);
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      if (isRefused) return;
      size += chunk.length;
      if (size > limitBytes) {
        try {
          refuseTooLarge(size);
        } catch (error) {
          isRefused = true;
          exchange.endsConnection = true;
          this.#failed(error, req, exchange);
        }
        if (isRefused) {
          chunks.length = 0;
          return;
        }
      }
      chunks.push(chunk);
    });
    req.on('end', () => {
      if (isRefused || isBrokenOff(req)) return;
      try {
        request.body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
        this.#whenReady(
          () => {
            // A form names its action in the body.
            const late = access.isForeign ? this.#access.decide(request).answer : undefined;
            if (late === undefined) this.#dispatcher.dispatch(request, exchange);
            else exchange.respond(late);
          },
          req,
          exchange,
        );
      } catch (error) {
        this.#failed(error, req, exchange);
      }
    });
  }

  /** How large a body may be where this request goes. */
  #limitOf(request: WireRequest): number {
    return this.#dispatcher.takesLargeBodies(request)
      ? this.#bodyLimitBytes
      : Math.min(this.#bodyLimitBytes, RPC_BODY_LIMIT_BYTES);
  }

  #failed(error: unknown, req: HttpRequest, exchange: HttpExchange): void {
    console.error(`${req.method} ${req.url} failed before it reached a service:`, error);
    exchange.respond(plainText(500, 'Internal error; see the log.'));
  }

  /** HTTP/1.1 has such a watch of its own. */
  #limitHttp2({ stream }: Http2ServerRequest): void {
    if (stream.endAfterHeaders) return;
    const timer = setTimeout(() => stream.close(http2().constants.NGHTTP2_CANCEL), this.#timeouts.requestMs).unref();
    stream.once('end', () => clearTimeout(timer));
    stream.once('close', () => clearTimeout(timer));
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

/** An HTTP/2 stream that is reset ends like one that is complete. */
const isBrokenOff = (req: HttpRequest): boolean => {
  if (req.httpVersionMajor !== 2) return false;
  const { stream } = req as Http2ServerRequest;
  return stream.destroyed || stream.aborted;
};

const NO_BYTES = Buffer.alloc(0);

/** No request but S3's and those for archives of code comes near it: service and protocol are not looked at before. */
const UNEXAMINED_BODY_MAX_BYTES = 16 * 2 ** 20;

/** Ends a session that has had nothing to do for as long as an idle HTTP/1.1 connection is kept. */
const closeWhenIdle = (session: ServerHttp2Session): void => {
  let openStreams = 0;
  session.on('stream', (stream) => {
    openStreams += 1;
    stream.once('close', () => {
      openStreams -= 1;
    });
  });
  session.setTimeout(KEEP_ALIVE_MS, () => {
    if (openStreams === 0) session.destroy();
  });
};

/** The same object before its body is there and after: there is one for each message. */
interface ArrivingRequest extends WireRequest {
  body: Buffer;
}

const arrivingRequestOf = (req: HttpRequest): ArrivingRequest => {
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
    rawHeaders: req.rawHeaders,
    body: NO_BYTES,
    host: req.headers.host ?? (typeof authority === 'string' ? authority : undefined),
    sourceIp: sourceIpOf(req),
  };
};

const sourceIpOf = (req: HttpRequest): string | undefined => {
  try {
    return req.socket.remoteAddress;
  } catch {
    // An HTTP/2 session that is gone has no socket any more.
    return undefined;
  }
};
