import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Exchange, WireResponse } from './wire.ts';

export type HttpRequest = IncomingMessage | Http2ServerRequest;
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** Bytes up to this length are handed over as text, which Node writes together with the head in one piece. */
const ONE_WRITE_MAX_BYTES = 8 * 1024;

/** A request and its response, whichever HTTP they speak. */
export class HttpExchange implements Exchange {
  readonly #date: () => string;
  readonly #req: HttpRequest;
  readonly #res: HttpResponse;
  #isDone = false;
  #hasGone = false;
  #listeners: (() => void)[] | undefined;
  /** The rest of the request is not read: the connection is of no use afterwards. */
  endsConnection = false;
  /** Let the page that asks read the answer. */
  corsHeaders: readonly string[] = [];

  constructor(date: () => string, req: HttpRequest, res: HttpResponse) {
    this.#date = date;
    this.#req = req;
    this.#res = res;
  }

  respond({ status, headers, body }: WireResponse): void {
    const res = this.#res;
    if (this.#isDone || res.destroyed) return;
    headers.push('Date', this.#date());
    const isHttp1 = this.#req.httpVersionMajor === 1;
    if (this.endsConnection && isHttp1) {
      headers.push('Connection', 'close');
      lingerAfterAnswer(this.#req.socket);
    }
    if (this.corsHeaders.length > 0) headers.push(...this.corsHeaders);
    const hasNoBody = this.#req.method === 'HEAD' || status === 204 || status === 304;
    const length = bytesOf(body);
    if (!hasNoBody) setContentLength(headers, length);
    // Both classes have this method; their overloads do not unite.
    (res as ServerResponse).writeHead(status, headers);
    this.#isDone = true;
    if (hasNoBody || length === 0) res.end();
    // As many bytes as characters: nothing has to be looked at once more to be written.
    else if (typeof body === 'string' && body.length === length) res.end(body, 'latin1');
    else if (isHttp1 && typeof body !== 'string' && body.length <= ONE_WRITE_MAX_BYTES)
      res.end(latin1Of(body), 'latin1');
    else res.end(body);
    // Whoever is still sending is told to stop; the connection goes on.
    if (this.endsConnection && !isHttp1) (res as Http2ServerResponse).stream?.close();
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

/** How long somebody who is still sending has to read the answer. */
const LINGER_MS = 2_000;

/**
 * Closes a connection in two steps. Node.js closes it at once, and what then still arrives makes the system tear it down
 * before the client has read its answer.
 */
const lingerAfterAnswer = (socket: Socket): void => {
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
};

const isClosed = (res: HttpResponse): boolean =>
  'stream' in res
    ? ((res as Http2ServerResponse).stream as { destroyed?: boolean } | undefined)?.destroyed !== false
    : res.destroyed;

/** One character for each byte: written as Latin-1 they are the same bytes again. */
const latin1Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

const bytesOf = (body: string | Uint8Array): number =>
  typeof body === 'string' ? Buffer.byteLength(body) : body.length;

/** The length of the body itself, whatever an operation says it is. */
const setContentLength = (headers: string[], length: number): void => {
  const at = headers.indexOf('content-length');
  if (at >= 0) headers[at + 1] = String(length);
  else headers.push('Content-Length', String(length));
};
