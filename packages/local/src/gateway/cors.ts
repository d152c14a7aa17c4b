import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_ORIGIN =
  /^https?:\/\/(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** The page that asks, when it is one of this machine. Pages from elsewhere get no permission to read answers. */
export const loopbackOriginOf = (headers: IncomingHttpHeaders): string | undefined =>
  headers.origin !== undefined && LOOPBACK_ORIGIN.test(headers.origin) ? headers.origin : undefined;

/** Headers that let the page at `origin` read an answer. */
export const corsHeaders = (origin: string): string[] => [
  'Access-Control-Allow-Origin',
  origin,
  'Access-Control-Expose-Headers',
  '*',
  'Vary',
  'Origin',
];

export const preflightHeaders = (origin: string, headers: IncomingHttpHeaders): string[] => [
  ...corsHeaders(origin),
  'Access-Control-Allow-Methods',
  'GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS',
  'Access-Control-Allow-Headers',
  headers['access-control-request-headers'] ?? '*',
  'Access-Control-Max-Age',
  '600',
];
