import { rootArn } from '@holdfast/aws-model';
import type { RouteAnswer, RouteRequest } from '../../../core/index.ts';
import type { UrlTarget } from './url-registry.ts';

/** A request to a function URL; the path, below the URL, begins with a slash. */
export interface UrlRequest extends RouteRequest {
  readonly urlId: string;
}

const TEXT_TYPE = /^(text\/|application\/(json|xml|javascript)\b)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `12/Mar/2020:19:03:58 +0000` */
const commonLogTime = (at: number): string => {
  const time = new Date(at);
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(twoDigits).join(':');
  return `${twoDigits(time.getUTCDate())}/${MONTHS[time.getUTCMonth()]}/${time.getUTCFullYear()}:${clock} +0000`;
};

const queryParameters = (query: string): Record<string, string> | undefined => {
  if (query === '') return undefined;
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  }
  return parameters;
};

/** The host of the URL without port; a URL that is reached by path has only the name that AWS would give it. */
const domainNameOf = (request: UrlRequest, region: string): string => {
  const ownHost = `${request.urlId}.lambda-url.`;
  return request.host.startsWith(ownHost) ? (request.host.split(':')[0] as string) : `${ownHost}${region}.on.aws`;
};

/** `rawPath` stays encoded, `http.path` does not. */
const decodedPath = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/**
 * The event of payload format 2.0. `traceHeader` is the trace that the function runs in.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export const httpEvent = (
  request: UrlRequest,
  { record, url }: UrlTarget,
  requestId: string,
  traceHeader: string,
  now: number,
): Record<string, unknown> => {
  // `connection` is between the caller and the URL alone.
  const { cookie, connection: _, ...headers } = request.headers;
  const parameters = queryParameters(request.query);
  const isText = TEXT_TYPE.test(request.headers['content-type'] ?? '');
  const domainName = domainNameOf(request, record.region);
  const isSigned = url.authType === 'AWS_IAM';
  const userArn = rootArn(request.account);
  const iam = {
    accessKey: request.accessKeyId,
    accountId: request.account,
    callerId: request.account,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn,
    userId: request.account,
  };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: {
      ...headers,
      host: request.host.startsWith(domainName) ? request.host : domainName,
      'x-amzn-trace-id': /Root=[^;]*/.exec(traceHeader)?.[0] ?? traceHeader,
      'x-forwarded-for': request.sourceIp,
      'x-forwarded-port': request.host.split(':')[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
    ...(parameters === undefined ? {} : { queryStringParameters: parameters }),
    requestContext: {
      accountId: isSigned ? request.account : 'anonymous',
      apiId: url.urlId,
      ...(isSigned ? { authorizer: { iam } } : {}),
      domainName,
      domainPrefix: url.urlId,
      http: {
        method: request.method,
        path: decodedPath(request.path),
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(request.body.length === 0 ? {} : { body: Buffer.from(request.body).toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
};

/** What a caller sees of a function that failed or gave no answer that can be sent. */
export const badGateway: RouteAnswer = {
  status: 502,
  headers: ['Content-Type', 'application/json'],
  body: 'Internal Server Error',
};

/** Turns what the function returned into an answer: a structure with a status code, or any value as the body. */
export const httpResponse = (payload: string): RouteAnswer => {
  let result: unknown;
  try {
    result = JSON.parse(payload);
  } catch {
    return badGateway;
  }
  const isStructure = typeof result === 'object' && result !== null && 'statusCode' in result;
  if (!isStructure) {
    const body = typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: ['Content-Type', 'application/json'], body };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as {
    statusCode?: unknown;
    headers?: unknown;
    cookies?: unknown;
    body?: unknown;
    isBase64Encoded?: unknown;
  };
  const status = Number(statusCode);
  const areHeadersFit = headers === undefined || headers === null || typeof headers === 'object';
  if (!Number.isInteger(status) || status < 100 || status > 599 || !areHeadersFit) return badGateway;
  const entries = Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
  const hasType = entries.some(([name]) => name.toLowerCase() === 'content-type');
  const text = body === undefined || body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    headers: [
      ...(hasType ? [] : ['Content-Type', 'application/json']),
      ...entries.flat(),
      ...(Array.isArray(cookies) ? cookies.flatMap((cookie) => ['Set-Cookie', String(cookie)]) : []),
    ],
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
};
