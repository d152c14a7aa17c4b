import type { FoundRoute, RouteRequest } from '@holdfast/engine';
import { headerOf, type WireRequest } from './wire.ts';

/** Who asks, as far as the signature says. */
type Caller = Pick<RouteRequest, 'accessKeyId' | 'account' | 'region'>;

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
  headers: Object.fromEntries(
    Object.keys(request.headers)
      .filter((name) => !name.startsWith(':'))
      .map((name) => [name, headerOf(request, name) ?? '']),
  ),
  body: request.body,
  sourceIp: request.sourceIp ?? '127.0.0.1',
  host: request.host ?? '',
  accessKeyId,
  account,
  region,
});
