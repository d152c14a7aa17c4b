import type { Integration, Route } from '@aws-sdk/client-apigatewayv2';
import { commonLogTime, type RouteRequest } from '../../core/index.ts';
import type { StoredApi, StoredDeployment, StoredStage } from './stored.ts';
import type { Authorized } from './verdict.ts';

/** A request on its way through a stage. `path` is without the stage, `request.path` with it. */
export interface ApiRequest {
  readonly api: StoredApi;
  readonly stage: StoredStage;
  readonly deployment: StoredDeployment;
  readonly request: RouteRequest;
  readonly path: string;
  readonly domainName: string;
  readonly requestId: string;
  readonly traceHeader: string;
  readonly startedAt: number;
}

/** The same with the route that it takes. */
export interface RoutedRequest extends ApiRequest {
  readonly route: Route;
  readonly integration: Integration | undefined;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
  /** What the route's authorizer said of the caller. */
  readonly authorized?: Authorized | undefined;
}

/** `$context.…` as far as it is known before there is an answer. */
export const contextValues = (
  { api, stage, request, requestId, domainName, startedAt }: ApiRequest,
  routeKey: string | undefined,
  authorized?: Authorized,
): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(authorized?.values ?? {}).map(([name, value]) => [`authorizer.${name}`, value])),
  accountId: api.account,
  apiId: api.apiId,
  domainName,
  domainPrefix: api.apiId,
  extendedRequestId: requestId,
  httpMethod: request.method,
  'identity.sourceIp': request.sourceIp,
  'identity.userAgent': request.headers['user-agent'] ?? '-',
  path: request.path,
  protocol: 'HTTP/1.1',
  requestId,
  requestTime: commonLogTime(startedAt),
  requestTimeEpoch: String(startedAt),
  ...(routeKey === undefined ? {} : { routeKey }),
  stage: stage.StageName,
});

/** An answer of API Gateway itself. */
export const apiMessage = (status: number, message: string) => ({
  status,
  headers: ['Content-Type', 'application/json'],
  body: JSON.stringify({ message }),
});

/** What came of an integration. */
export interface IntegrationOutcome {
  readonly answer: { readonly status: number; readonly headers: readonly string[]; readonly body: string | Uint8Array };
  /** Status of the integrated service, when it was asked. */
  readonly status?: number | undefined;
  readonly errorMessage?: string | undefined;
  /** Why the route's authorizer did not let the caller in. */
  readonly authorizerError?: string | undefined;
  /** Of the integrated service. */
  readonly requestId?: string | undefined;
}
