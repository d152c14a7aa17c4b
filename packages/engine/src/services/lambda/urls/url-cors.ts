import type { Cors } from '@aws-sdk/client-lambda';
import type { RouteAnswer } from '../../../core/index.ts';
import type { UrlRequest } from './http-event.ts';

const isAllowed = (allowed: readonly string[] | undefined, wanted: string): boolean =>
  allowed?.some((entry) => entry === '*' || entry.toLowerCase() === wanted.toLowerCase()) === true;

const listOf = (name: string, values: readonly string[] | undefined): string[] =>
  values === undefined || values.length === 0 ? [] : [name, values.join(',')];

const permissionOf = (cors: Cors, origin: string | undefined): string[] => {
  if (origin === undefined || !isAllowed(cors.AllowOrigins, origin)) return [];
  const isForAll = cors.AllowOrigins?.includes('*') === true && cors.AllowCredentials !== true;
  return [
    'Access-Control-Allow-Origin',
    isForAll ? '*' : origin,
    ...(cors.AllowCredentials === true ? ['Access-Control-Allow-Credentials', 'true'] : []),
    'Vary',
    'Origin',
  ];
};

/**
 * Lambda's own answer to a preflight; `undefined` when the request is none. A URL without `Cors` leaves preflights to its
 * function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 */
export const preflightAnswer = (cors: Cors | undefined, { method, headers }: UrlRequest): RouteAnswer | undefined => {
  const wanted = headers['access-control-request-method'];
  if (cors === undefined || method !== 'OPTIONS' || headers['origin'] === undefined || wanted === undefined) {
    return undefined;
  }
  const permission = permissionOf(cors, headers['origin']);
  if (permission.length === 0) return { status: 200, headers: [], body: '' };
  return {
    status: 200,
    headers: [
      ...permission,
      ...listOf('Access-Control-Allow-Methods', cors.AllowMethods),
      ...listOf('Access-Control-Allow-Headers', cors.AllowHeaders),
      ...(cors.MaxAge === undefined ? [] : ['Access-Control-Max-Age', String(cors.MaxAge)]),
    ],
    body: '',
  };
};

/** The answer with the headers that `Cors` gives it; they take the place of the function's own. */
export const withCors = (cors: Cors | undefined, request: UrlRequest, response: RouteAnswer): RouteAnswer => {
  const permission = cors === undefined ? [] : permissionOf(cors, request.headers['origin']);
  if (permission.length === 0) return response;
  const own = response.headers.filter(
    (_, index) => !/^access-control-/i.test(response.headers[index - (index % 2)] as string),
  );
  return {
    ...response,
    headers: [...own, ...permission, ...listOf('Access-Control-Expose-Headers', cors?.ExposeHeaders)],
  };
};
