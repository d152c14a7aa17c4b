import type { RouteAnswer, RouteRequest } from './http-route.ts';

/** Who may read answers, as function URLs and HTTP APIs are told. */
export interface CorsSettings {
  readonly AllowCredentials?: boolean | undefined;
  readonly AllowHeaders?: readonly string[] | undefined;
  readonly AllowMethods?: readonly string[] | undefined;
  readonly AllowOrigins?: readonly string[] | undefined;
  readonly ExposeHeaders?: readonly string[] | undefined;
  readonly MaxAge?: number | undefined;
}

type Asked = Pick<RouteRequest, 'method' | 'headers'>;

const isAllowed = (allowed: readonly string[] | undefined, wanted: string): boolean =>
  allowed?.some((entry) => entry === '*' || entry.toLowerCase() === wanted.toLowerCase()) === true;

const listOf = (name: string, values: readonly string[] | undefined): string[] =>
  values === undefined || values.length === 0 ? [] : [name, values.join(',')];

const permissionOf = (cors: CorsSettings, origin: string | undefined): string[] => {
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
 * The service's own answer to a preflight; `undefined` when the request is none. Without settings, preflights are left to
 * what is behind.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export const preflightAnswer = (
  cors: CorsSettings | undefined,
  { method, headers }: Asked,
  status: number,
): RouteAnswer | undefined => {
  const wanted = headers['access-control-request-method'];
  if (cors === undefined || method !== 'OPTIONS' || headers['origin'] === undefined || wanted === undefined) {
    return undefined;
  }
  const permission = permissionOf(cors, headers['origin']);
  if (permission.length === 0) return { status, headers: [], body: '' };
  return {
    status,
    headers: [
      ...permission,
      ...listOf('Access-Control-Allow-Methods', cors.AllowMethods),
      ...listOf('Access-Control-Allow-Headers', cors.AllowHeaders),
      ...(cors.MaxAge === undefined ? [] : ['Access-Control-Max-Age', String(cors.MaxAge)]),
    ],
    body: '',
  };
};

/** The answer without what it says about CORS by itself. */
export const withoutCors = (response: RouteAnswer): RouteAnswer => ({
  ...response,
  headers: response.headers.filter(
    (_, index) => !/^access-control-/i.test(response.headers[index - (index % 2)] as string),
  ),
});

/** The answer with the headers that the settings give it; they take the place of its own. */
export const withCors = (cors: CorsSettings | undefined, request: Asked, response: RouteAnswer): RouteAnswer => {
  const permission = cors === undefined ? [] : permissionOf(cors, request.headers['origin']);
  if (permission.length === 0) return response;
  return {
    ...response,
    headers: [
      ...withoutCors(response).headers,
      ...permission,
      ...listOf('Access-Control-Expose-Headers', cors?.ExposeHeaders),
    ],
  };
};
