import { utf8Length } from '@holdfast/kernel';
import { logGroupOf, type ServiceEnvironment } from '../../core/index.ts';
import { type ApiRequest, contextValues, type IntegrationOutcome } from './api-request.ts';
import { DEFAULT_ROUTE } from './route-key.ts';
import type { Authorized } from './verdict.ts';

/** What a request came to. */
export interface Served {
  readonly routeKey: string | undefined;
  readonly authorized?: Authorized | undefined;
  readonly outcome: IntegrationOutcome;
  readonly latencyMs: number;
  /** `undefined` when no integration was asked. */
  readonly integrationLatencyMs: number | undefined;
}

const lengthOf = (body: string | Uint8Array): number => (typeof body === 'string' ? utf8Length(body) : body.length);

/**
 * Counts a request in AWS/ApiGateway: for the API, for the stage, and for the route where the stage says so.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 */
export const recordRequest = (
  { metrics }: ServiceEnvironment,
  { api, stage, startedAt, request }: ApiRequest,
  { routeKey, outcome, latencyMs, integrationLatencyMs }: Served,
): void => {
  const { account, region, apiId: ApiId } = api;
  const Stage = stage.StageName;
  const places: Record<string, string>[] = [{ ApiId }, { ApiId, Stage }];
  const settings = stage.RouteSettings?.[routeKey ?? ''] ?? stage.DefaultRouteSettings;
  if (settings?.DetailedMetricsEnabled === true && routeKey !== undefined) {
    const [Method = '', Resource = ''] =
      routeKey === DEFAULT_ROUTE ? [request.method, DEFAULT_ROUTE] : routeKey.split(' ');
    places.push({ ApiId, Stage, Method, Resource });
  }
  const { status, body } = outcome.answer;
  const values: readonly (readonly [name: string, value: number | undefined, unit: string])[] = [
    ['Count', 1, 'Count'],
    ['4xx', status >= 400 && status < 500 ? 1 : 0, 'Count'],
    ['5xx', status >= 500 ? 1 : 0, 'Count'],
    ['Latency', latencyMs, 'Milliseconds'],
    ['IntegrationLatency', integrationLatencyMs, 'Milliseconds'],
    ['DataProcessed', request.body.length + lengthOf(body), 'Bytes'],
  ];
  for (const dimensions of places) {
    for (const [name, value, unit] of values) {
      if (value === undefined) continue;
      metrics.record({ account, region, namespace: 'AWS/ApiGateway', name, dimensions, value, unit, at: startedAt });
    }
  }
};

const finalValues = ({ outcome, latencyMs, integrationLatencyMs }: Served): Record<string, string> => {
  const { answer, status, errorMessage, requestId, authorizerError } = outcome;
  const latency = integrationLatencyMs === undefined ? '-' : String(integrationLatencyMs);
  const integrationStatus = status === undefined ? '-' : String(status);
  const ownMessage = /^\{"message":"([^"]*)"\}$/.exec(typeof answer.body === 'string' ? answer.body : '')?.[1] ?? '-';
  const isOwn = answer.status >= 400 && ownMessage !== '-';
  return {
    status: String(answer.status),
    responseLength: String(lengthOf(answer.body)),
    responseLatency: String(latencyMs),
    integrationLatency: latency,
    'integration.latency': latency,
    integrationStatus,
    'integration.status': integrationStatus,
    'integration.integrationStatus': integrationStatus,
    'integration.requestId': requestId ?? '-',
    awsEndpointRequestId: requestId ?? '-',
    integrationErrorMessage: errorMessage ?? '-',
    'integration.error': errorMessage ?? '-',
    'authorizer.error': authorizerError ?? '-',
    'error.message': isOwn ? ownMessage : '-',
    'error.messageString': isOwn ? `"${ownMessage}"` : '-',
  };
};

/**
 * Writes a line of the stage's access log in its own format; what is not known is `-`.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export const logAccess = ({ logs, clock }: ServiceEnvironment, request: ApiRequest, served: Served): void => {
  const { DestinationArn, Format } = request.stage.AccessLogSettings ?? {};
  const group = logGroupOf(DestinationArn ?? '');
  if (group === undefined || Format === undefined) return;
  const values = { ...contextValues(request, served.routeKey, served.authorized), ...finalValues(served) };
  const message = Format.replace(/\$context\.([A-Za-z]+(?:\.[A-Za-z0-9_]+)*)/g, (_, name: string) =>
    Object.hasOwn(values, name) ? String(values[name as keyof typeof values]).replace(/"/g, '\\"') : '-',
  );
  const stream = `${request.api.apiId}-${request.stage.StageName.replace('$', '')}`;
  logs.append({ ...group, stream }, [{ at: clock.now(), message }]);
};
