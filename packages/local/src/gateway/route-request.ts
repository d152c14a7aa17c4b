import type { FoundRoute, RouteRequest } from '@holdfast/engine';
import { headerOf, type WireRequest } from './wire.ts';

/** Who asks, as far as the signature says. */
type Caller = Pick<RouteRequest, 'accessKeyId' | 'account' | 'region'>;

/** Node joins what repeats with a comma and a blank, puts cookies together by a semicolon, and takes the first of some. */
const headersOf = (request: WireRequest): Pick<RouteRequest, 'headers' | 'repeatedHeaders'> => {
  const names = Object.keys(request.headers).filter((name) => !name.startsWith(':'));
  const headers = Object.fromEntries(names.map((name) => [name, headerOf(request, name) ?? '']));
  const { rawHeaders = [] } = request;
  if (rawHeaders.length <= 2 * names.length) return { headers };
  const lists = new Map<string, string[]>(names.map((name) => [name, []]));
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lists.get((rawHeaders[at] as string).toLowerCase())?.push(rawHeaders[at + 1] as string);
  }
  const repeated = [...lists].filter(([name, values]) => values.length > 1 && headers[name] === values.join(', '));
  for (const [name, values] of repeated) headers[name] = values.join(',');
  return { headers, repeatedHeaders: Object.fromEntries(repeated) };
};

/** The request as a service's own route gets it. */
export const routeRequest = (
  request: WireRequest,
  { path, hostPrefix }: FoundRoute,
  { accessKeyId, account, region }: Caller,
): RouteRequest => ({
  method: request.method,
  path,
  hostPrefix,
  query: request.query,
  ...headersOf(request),
  body: request.body,
  sourceIp: request.sourceIp ?? '127.0.0.1',
  host: request.host ?? '',
  accessKeyId,
  account,
  region,
});
