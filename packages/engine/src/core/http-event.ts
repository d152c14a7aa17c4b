import { base64OfBytes, bytesOfBase64, memberOf, setMember, utf8Text } from '@holdfast/kernel';
import { isHeader, isOfOneHop } from './http-headers.ts';
import type { RouteAnswer, RouteRequest } from './http-route.ts';

const TEXT_TYPE = /^(text\/|application\/(json|xml|javascript)\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `12/Mar/2020:19:03:58 +0000` */
export const commonLogTime = (at: number): string => {
  const time = new Date(at);
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(twoDigits).join(':');
  return `${twoDigits(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${clock} +0000`;
};

/** Parameters of a query by name; values of one name joined with commas. */
export const queryParameters = (query: string): Record<string, string> | undefined => {
  if (query === '') return undefined;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const before = memberOf(parameters, name);
    setMember(parameters, name, before === undefined ? value : `${before},${value}`);
  }
  return parameters;
};

/** The path without percent signs; as it is when it cannot be decoded. */
export const decodedPath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** Body of a request as an event carries it. */
export const eventBody = ({
  body,
  headers,
}: Pick<RouteRequest, 'body' | 'headers'>): { readonly body?: string; readonly isBase64Encoded: boolean } => {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '');
  return { body: isText ? utf8Text(body) : base64OfBytes(body), isBase64Encoded: !isText };
};

/** Headers of a request as an event carries them; `connection` is between the caller and the address alone. */
export const eventHeaders = (
  { headers: { connection: _, ...headers }, host, sourceIp }: Pick<RouteRequest, 'headers' | 'host' | 'sourceIp'>,
  domainName: string,
  traceHeader: string,
): Record<string, string> => ({
  ...headers,
  host: host.startsWith(domainName) ? host : domainName,
  'x-amzn-trace-id': /Root=[^;]*/.exec(traceHeader)?.[0] ?? traceHeader,
  'x-forwarded-for': sourceIp,
  'x-forwarded-port': host.split(':')[1] ?? '80',
  'x-forwarded-proto': 'http',
});

/** What only the address knows of a request. */
export interface HttpEventPlace {
  readonly accountId: string;
  readonly apiId: string;
  readonly authorizer?: object | undefined;
  readonly domainName: string;
  readonly requestId: string;
  readonly routeKey: string;
  readonly stage: string;
  readonly pathParameters?: Readonly<Record<string, string>> | undefined;
  readonly stageVariables?: Readonly<Record<string, string>> | undefined;
  /** The trace that the function runs in. */
  readonly traceHeader: string;
  readonly now: number;
}

/**
 * The event of payload format 2.0, of function URLs and HTTP APIs. `request.path` is the whole path, with the stage.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const httpEvent = (request: RouteRequest, place: HttpEventPlace): Record<string, unknown> => {
  const { cookie, ...headers } = eventHeaders(request, place.domainName, place.traceHeader);
  const parameters = queryParameters(request.query);
  return {
    version: '2.0',
    routeKey: place.routeKey,
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(parameters === undefined ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: place.accountId,
      apiId: place.apiId,
      ...(place.authorizer === undefined ? {} : { authorizer: place.authorizer }),
      domainName: place.domainName,
      domainPrefix: place.apiId,
      http: {
        method: request.method,
        path: decodedPath(request.path),
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: place.requestId,
      routeKey: place.routeKey,
      stage: place.stage,
      time: commonLogTime(place.now),
      timeEpoch: place.now,
    },
    ...(place.pathParameters === undefined ? {} : { pathParameters: place.pathParameters }),
    ...(place.stageVariables === undefined ? {} : { stageVariables: place.stageVariables }),
    ...eventBody(request),
  };
};

/** How a result of a function becomes an answer. */
export interface HttpResultRules {
  /** Type of the body of a structure that states none. */
  readonly defaultType: string;
  /** Only a structure with a status code is an answer, and `multiValueHeaders` are known: payload format 1.0. */
  readonly isStructureNeeded?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The first status that is an answer: those below it announce one. */
const STATUS_MIN = 200;

const isMap = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));

const asBody = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const structuredResponse = (result: Fields, rules: HttpResultRules): RouteAnswer | undefined => {
  const status = Number(result['statusCode']);
  const { headers, multiValueHeaders, cookies, body, isBase64Encoded } = result;
  if (!Number.isInteger(status) || status < STATUS_MIN || status > 599 || !isMap(headers)) return undefined;
  const many = rules.isStructureNeeded === true && isMap(multiValueHeaders) ? (multiValueHeaders ?? {}) : {};
  const entries = [
    ...Object.entries(many).flatMap(([name, values]) =>
      [values].flat().map((value): [string, unknown] => [name, value]),
    ),
    ...Object.entries(headers ?? {}).filter(([name]) => !Object.hasOwn(many, name)),
  ]
    .map(([name, value]): [string, string] => [name, String(value)])
    // The date is that of the answer itself, and so is what says how its bytes come.
    .filter(([name]) => !isOfOneHop(name) && name.toLowerCase() !== 'date');
  const setCookies = Array.isArray(cookies) && rules.isStructureNeeded !== true ? cookies.map(String) : [];
  entries.push(...setCookies.map((cookie): [string, string] => ['Set-Cookie', cookie]));
  if (entries.some(([name, value]) => !isHeader(name, value))) return undefined;
  const hasType = entries.some(([name]) => name.toLowerCase() === 'content-type');
  const text = asBody(body);
  return {
    status,
    headers: [...(hasType ? [] : ['Content-Type', rules.defaultType]), ...entries.flat()],
    body: isBase64Encoded === true ? bytesOfBase64(text) : text,
  };
};

/**
 * Turns what the function returned into an answer: a structure with a status code, or any value as the body. `undefined`
 * when it can be neither.
 */
export const httpResponse = (payload: string, rules: HttpResultRules): RouteAnswer | undefined => {
  let result: unknown;
  try {
    result = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof result === 'object' && result !== null && 'statusCode' in result) {
    return structuredResponse(result as Fields, rules);
  }
  if (rules.isStructureNeeded === true) return undefined;
  const body = typeof result === 'string' ? result : JSON.stringify(result);
  return { status: 200, headers: ['Content-Type', 'application/json'], body };
};
