import { makeArn, parseArn } from '@holdfast/aws-model';
import { memberOf, setMember, utf8Bytes } from '@holdfast/kernel';
import {
  commonLogTime,
  eventBody,
  eventHeaders,
  httpEvent,
  httpResponse,
  type RouteAnswer,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { apiMessage, type IntegrationOutcome, type RoutedRequest } from './api-request.ts';
import { functionArnOf } from './integration-checks.ts';
import { own } from './lists.ts';
import { DEFAULT_ROUTE } from './route-key.ts';

const INTERNAL_ERROR = apiMessage(500, 'Internal Server Error');
const UNAVAILABLE = apiMessage(503, 'Service Unavailable');
const NO_PERMISSION =
  "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.";

interface Invoked {
  readonly FunctionError?: string;
  readonly Payload?: Uint8Array;
}

const many = (pairs: Iterable<readonly [string, string]>): Record<string, string[]> => {
  const lists: Record<string, string[]> = {};
  for (const [name, value] of pairs) {
    const list = memberOf(lists, name) ?? [];
    list.push(value);
    setMember(lists, name, list);
  }
  return lists;
};

const lastOfEach = (lists: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1) ?? '']));

const NOBODY = {
  accessKey: null,
  accountId: null,
  caller: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
};

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export const eventOfFormat1 = (routed: RoutedRequest): Record<string, unknown> => {
  const { api, stage, route, request, domainName, requestId, startedAt, pathParameters } = routed;
  const headers = eventHeaders(request, domainName, routed.traceHeader);
  // What API Gateway writes itself, or leaves out, is not the caller's however often it was sent.
  const repeatedHeaders = Object.fromEntries(
    Object.entries(request.repeatedHeaders ?? {}).filter(([name]) => headers[name] === request.headers[name]),
  );
  const resource = route.RouteKey === DEFAULT_ROUTE ? DEFAULT_ROUTE : (route.RouteKey?.split(' ')[1] ?? '');
  const pairs = [...new URLSearchParams(request.query)];
  const { body = null, isBase64Encoded } = eventBody(request);
  return {
    version: '1.0',
    resource,
    path: request.path,
    httpMethod: request.method,
    headers: { ...headers, ...lastOfEach(repeatedHeaders) },
    multiValueHeaders: { ...many(Object.entries(headers)), ...repeatedHeaders },
    queryStringParameters: pairs.length === 0 ? null : Object.fromEntries(pairs),
    multiValueQueryStringParameters: pairs.length === 0 ? null : many(pairs),
    requestContext: {
      accountId: api.account,
      apiId: api.apiId,
      ...(routed.authorized === undefined ? {} : { authorizer: routed.authorized.ofFormat1 }),
      domainName,
      domainPrefix: api.apiId,
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: { ...NOBODY, sourceIp: request.sourceIp, userAgent: request.headers['user-agent'] ?? '' },
      path: request.path,
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: commonLogTime(startedAt),
      requestTimeEpoch: startedAt,
      resourceId: route.RouteKey,
      resourcePath: resource,
      stage: stage.StageName,
    },
    pathParameters: pathParameters ?? null,
    stageVariables: stage.StageVariables ?? null,
    body,
    isBase64Encoded,
  };
};

export const eventOfFormat2 = (routed: RoutedRequest): Record<string, unknown> =>
  httpEvent(routed.request, {
    accountId: routed.api.account,
    apiId: routed.api.apiId,
    authorizer: routed.authorized?.ofFormat2,
    domainName: routed.domainName,
    requestId: routed.requestId,
    routeKey: routed.route.RouteKey as string,
    stage: routed.stage.StageName,
    pathParameters: routed.pathParameters,
    stageVariables: routed.stage.StageVariables,
    traceHeader: routed.traceHeader,
    now: routed.startedAt,
  });

/** `arn:aws:execute-api:us-east-1:123456789012:abc123/prod/POST/events/{id}`, for conditions of a function's policy. */
export const sourceArnOf = ({ api, stage, route, request }: RoutedRequest): string => {
  const path =
    route.RouteKey === DEFAULT_ROUTE ? `/${DEFAULT_ROUTE}` : `/${request.method}${route.RouteKey?.split(' ')[1]}`;
  return makeArn('execute-api', api.region, api.account, `${api.apiId}/${stage.StageName}${path}`);
};

export const withVariables = (uri: string, variables: Readonly<Record<string, string>> | undefined): string =>
  uri.replace(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g, (_, name: string) => own(variables, name) ?? '');

/** Invokes the function of a route and makes an answer of what it returns. Never rejects. */
export const invokeFunction = async (
  environment: ServiceEnvironment,
  routed: RoutedRequest,
): Promise<IntegrationOutcome> => {
  const { integration, api, stage, request } = routed;
  const arn = functionArnOf(withVariables(integration?.IntegrationUri ?? '', stage.StageVariables)) ?? '';
  const sender = {
    principal: integration?.CredentialsArn === undefined ? 'apigateway.amazonaws.com' : undefined,
    sourceArn: sourceArnOf(routed),
    sourceAccount: api.account,
  };
  const target = parseArn(arn);
  if (target === undefined || !environment.deliver.accepts(arn, sender)) {
    return { answer: INTERNAL_ERROR, errorMessage: NO_PERMISSION };
  }
  const isFormat1 = integration?.PayloadFormatVersion === '1.0';
  const event = isFormat1 ? eventOfFormat1(routed) : eventOfFormat2(routed);
  const requestId = environment.ids.uuid();
  const input = {
    FunctionName: arn,
    InvocationType: 'RequestResponse',
    Payload: utf8Bytes(JSON.stringify(event)),
  };
  const context = {
    account: target.account,
    region: target.region,
    requestId,
    now: environment.clock.now(),
    traceHeader: routed.traceHeader,
    sourceIp: request.sourceIp,
  };
  try {
    const { FunctionError, Payload } = (await environment.call('lambda', 'Invoke', input, context)) as Invoked;
    const text = new TextDecoder().decode(Payload ?? new Uint8Array());
    if (FunctionError !== undefined) {
      return {
        answer: INTERNAL_ERROR,
        status: 200,
        requestId,
        errorMessage: `The Lambda function returned the following error: ${text}. Check your Lambda function code and try again.`,
      };
    }
    const answer = responseOf(text, isFormat1);
    return answer === undefined
      ? {
          answer: INTERNAL_ERROR,
          status: 200,
          requestId,
          errorMessage:
            "The response from the Lambda function doesn't match the format that API Gateway expects. Check your Lambda function code and try again.",
        }
      : { answer, status: 200, requestId };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { answer: refusalOf(error), status: error.status, requestId, errorMessage: error.message };
  }
};

const responseOf = (payload: string, isFormat1: boolean): RouteAnswer | undefined =>
  httpResponse(payload, { defaultType: 'text/plain; charset=utf-8', isStructureNeeded: isFormat1 });

const refusalOf = ({ status }: ServiceError): RouteAnswer => {
  if (status === 429) return UNAVAILABLE;
  return status === 413 ? apiMessage(413, 'Request Entity Too Large') : INTERNAL_ERROR;
};
