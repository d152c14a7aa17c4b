import type { FoundRoute, RouteRequest } from '@holdfast/engine';
import { headerOf, type WireRequest } from './wire.ts';

/** Who asks, as far as the signature says. */
type Caller = Pick<RouteRequest, 'accessKeyId' | 'account' | 'region'>;

/** Node joins what repeats with a comma and a blank; cookies are put together by a semicolon. */
const headersOf = (request: WireRequest): Record<string, string> => {
  const names = Object.keys(request.headers).filter((name) => !name.startsWith(':'));
  const headers = Object.fromEntries(names.map((name) => [name, headerOf(request, name) ?? '']));
  const { rawHeaders = [] } = request;
  if (rawHeaders.length === 2 * names.length) return headers;
  const lists = new Map<string, string[]>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    const values = lists.get(name);
    if (values === undefined) lists.set(name, [rawHeaders[at + 1] as string]);
    else values.push(rawHeaders[at + 1] as string);
  }
  for (const [name, values] of lists) {
    // Of some, such as `content-type`, only the first counts.
    if (values.length > 1 && headers[name] === values.join(', ')) headers[name] = values.join(',');
  }
  return headers;
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
  headers: headersOf(request),
  body: request.body,
  sourceIp: request.sourceIp ?? '127.0.0.1',
  host: request.host ?? '',
  accessKeyId,
  account,
  region,
});
