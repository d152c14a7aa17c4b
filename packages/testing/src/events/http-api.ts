import { type EventOrigin, originOf, textOf, uuidOf } from './identity.ts';

/** What an HTTP API or a function URL hands to its function: payload format 2.0. */
export interface HttpApiEvent {
  version: '2.0';
  routeKey: string;
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  /** Names in lower case. */
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  pathParameters?: Record<string, string>;
  requestContext: {
    accountId: string;
    apiId: string;
    domainName: string;
    domainPrefix: string;
    http: { method: string; path: string; protocol: 'HTTP/1.1'; sourceIp: string; userAgent: string };
    requestId: string;
    routeKey: string;
    stage: string;
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
}

/** A request, as far as a test cares. */
export interface HttpApiInput extends EventOrigin {
  /** @defaultValue GET, or POST with a body */
  readonly method?: string;
  /** With its query: `/orders/7?page=2`. @defaultValue / */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, bytes (in Base64 then), or what is sent as JSON. */
  readonly body?: unknown;
  /** The route that takes it, such as `GET /orders/{id}`: path parameters follow from it. @defaultValue $default */
  readonly route?: string;
  /** @defaultValue $default */
  readonly stage?: string;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12/Mar/2020:19:03:58 +0000` */
const logTime = (at: Date): string => {
  const [date = '', time = ''] = at.toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
};

/** Values of one name are joined with commas. */
const joined = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));

/** What a route such as `GET /orders/{id}` or `ANY /{proxy+}` takes out of a path. */
const parametersOf = (route: string, path: string): Record<string, string> => {
  const template = route.split(' ')[1] ?? '';
  const names = [...template.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => name);
  const pattern = template
    .replace(/[.*?^$()|[\]\\]/g, '\\$&')
    .replace(/\{\w+\+\}/g, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  const values = new RegExp(`^${pattern}$`).exec(path)?.slice(1) ?? [];
  return Object.fromEntries(values.map((value, index) => [names[index], decodeURIComponent(value)]));
};

/**
 * A request as an HTTP API gives it to a function.
 *
 * @example
 * ```ts
 * await handler(httpApiEvent({ method: 'PUT', path: '/orders/7?dry=1', route: 'PUT /orders/{id}', body: { store: 'NY' } }));
 * ```
 */
export const httpApiEvent = (input: HttpApiInput = {}): HttpApiEvent => {
  const { account, region, at } = originOf(input);
  const { path = '/', body, route = '$default', stage = '$default' } = input;
  const method = input.method ?? (body === undefined ? 'GET' : 'POST');
  const [plainPath = '/', query = ''] = path.split('?');
  const rawPath = stage === '$default' ? plainPath : `/${stage}${plainPath}`;
  const isBytes = body instanceof Uint8Array;
  const given = Object.fromEntries(
    Object.entries(input.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const { cookie, ...headers } = given;
  const apiId = uuidOf('api', account, region).replaceAll('-', '').slice(0, 10);
  const domainName = `${apiId}.execute-api.${region}.amazonaws.com`;
  const parameters = joined(new URLSearchParams(query));
  const pathParameters = parametersOf(route, plainPath);
  return {
    version: '2.0',
    routeKey: route,
    rawPath,
    rawQueryString: query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: {
      host: domainName,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(body === undefined || typeof body === 'string' || isBytes ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(Object.keys(parameters).length === 0 ? {} : { queryStringParameters: parameters }),
    ...(Object.keys(pathParameters).length === 0 ? {} : { pathParameters }),
    requestContext: {
      accountId: account,
      apiId,
      domainName,
      domainPrefix: apiId,
      http: {
        method,
        path: decodeURIComponent(rawPath),
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? 'holdfast',
      },
      requestId: uuidOf('request', method, path, at.getTime()),
      routeKey: route,
      stage,
      time: logTime(at),
      timeEpoch: at.getTime(),
    },
    ...(body === undefined ? {} : { body: isBytes ? Buffer.from(body).toString('base64') : textOf(body, 'body') }),
    isBase64Encoded: isBytes,
  };
};
