import type { IncomingHttpHeaders } from 'node:http';

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
  // Chrome asks before it lets a page of a public site call into a private network.
  ...(headers['access-control-request-private-network'] === 'true'
    ? ['Access-Control-Allow-Private-Network', 'true']
    : []),
];
