import type { IncomingHttpHeaders } from 'node:http';

/** A request with its whole body, free of whether HTTP/1.1 or HTTP/2 carried it. */
export interface WireRequest {
  readonly method: string;
  /** As sent: percent-encoded, without the query string. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent: each value of one that repeats. */
  readonly rawHeaders?: readonly string[];
  readonly body: Buffer;
  readonly host: string | undefined;
  readonly sourceIp: string | undefined;
}

export interface WireResponse {
  readonly status: number;
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: string[];
  readonly body: string | Uint8Array;
}

/** One request on its way to its answer. */
export interface Exchange {
  /** Hands the answer to the socket. Later calls do nothing. */
  respond(response: WireResponse): void;
  /** Calls back once when the caller has gone before the answer; at once when that has happened already. */
  onGone(listener: () => void): void;
}

/** The value of a header that may not repeat. */
export const headerOf = (request: WireRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : value?.join(',');
};

export const plainText = (status: number, text: string): WireResponse => ({
  status,
  headers: ['Content-Type', 'text/plain; charset=utf-8'],
  body: `${text}\n`,
});

/** What cannot be decoded stays as it was sent: whoever looks it up will not find it. */
export const percentDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
