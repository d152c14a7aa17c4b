import { base64OfBytes, bytesOfHex } from '@holdfast/kernel';
import {
  openTraceHeader,
  preflightAnswer,
  type RouteAnswer,
  type RouteRequest,
  type ServiceEnvironment,
  withCors,
  withoutCors,
} from '../../core/index.ts';
import { type ApiRequest, apiMessage, type IntegrationOutcome, type RoutedRequest } from './api-request.ts';
import type { Authorizers } from './authorizers.ts';
import { corsFor } from './cors-checks.ts';
import { passOn } from './http-integration.ts';
import { TIMEOUT_MAX_MS } from './integration-checks.ts';
import { invokeFunction } from './lambda-integration.ts';
import { own } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import { RouteTable } from './route-key.ts';
import { integrationIdOf } from './route-operations.ts';
import { callService } from './service-integration.ts';
import type { StoredApi, StoredDeployment, StoredStage } from './stored.ts';
import { logAccess, recordRequest } from './telemetry.ts';
import { Throttles } from './throttles.ts';
import type { Authorized } from './verdict.ts';

/** Not more than this comes in. */
const PAYLOAD_MAX_BYTES = 10 * 2 ** 20;

/** Of the request line and the values of headers together. */
const HEAD_MAX_BYTES = 10_240;

/** Not in the form of the others: whoever stands before API Gateway says it. */
const HEAD_TOO_LARGE: RouteAnswer = {
  status: 431,
  headers: ['Content-Type', 'text/plain'],
  body: `HTTP header is larger than ${HEAD_MAX_BYTES} bytes.`,
};

/** Headers come as Latin-1, a character for each byte. */
const headBytesOf = ({ method, path, query, headers }: RouteRequest): number =>
  Object.values(headers).reduce(
    (bytes, value) => bytes + value.length,
    `${method} ${path}${query === '' ? '' : '?'} HTTP/1.1`.length + query.length,
  );

const NOT_FOUND = apiMessage(404, 'Not Found');

type Route = StoredDeployment['routes'][number];

interface Place {
  readonly stage: StoredStage;
  /** Below the stage. */
  readonly path: string;
}

/** The stage that a path leads to: one that its first segment names, else the one at the root. */
const placeOf = ({ stages }: StoredApi, path: string): Place | undefined => {
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(path) ?? [];
  const name = first === '%24default' ? '$default' : first;
  const named = own(stages, name);
  if (named !== undefined) return { stage: named, path: rest === '' ? '/' : rest };
  const atRoot = stages['$default'];
  return atRoot === undefined ? undefined : { stage: atRoot, path };
};

/** Answers HTTP requests to deployed APIs. */
export class ApiServer {
  readonly #environment: ServiceEnvironment;
  readonly #registry: ApiRegistry;
  readonly #authorizers: Authorizers;
  readonly #throttles = new Throttles();
  readonly #tables = new WeakMap<StoredDeployment, RouteTable<Route>>();

  constructor(environment: ServiceEnvironment, registry: ApiRegistry, authorizers: Authorizers) {
    this.#authorizers = authorizers;
    this.#environment = environment;
    this.#registry = registry;
  }

  /** `request.path` is the path below the API's endpoint. */
  async serve(apiId: string, request: RouteRequest): Promise<RouteAnswer> {
    const api = this.#registry.find(apiId);
    const place = api === undefined ? undefined : placeOf(api, request.path);
    const deployment = place === undefined ? undefined : this.#registry.deployment(apiId, place.stage.DeploymentId);
    if (
      api === undefined ||
      api.settings.DisableExecuteApiEndpoint === true ||
      place === undefined ||
      deployment === undefined
    ) {
      return NOT_FOUND;
    }
    const asked = this.#asked(api, place, deployment, request);
    const cors = corsFor(deployment.cors, request.headers['origin']);
    const preflight = preflightAnswer(cors, request, 204);
    if (preflight !== undefined) return this.#named(asked, preflight);
    const answer = await this.#answer(asked);
    return this.#named(asked, cors === undefined ? answer : withCors(cors, request, withoutCors(answer)));
  }

  #asked(api: StoredApi, { stage, path }: Place, deployment: StoredDeployment, request: RouteRequest): ApiRequest {
    const { ids, clock } = this.#environment;
    const startedAt = clock.now();
    const ownHost = `${api.apiId}.execute-api.`;
    return {
      api,
      stage,
      deployment,
      path,
      request: { ...request, path: stage.StageName === '$default' ? path : `/${stage.StageName}${path}` },
      domainName: request.host.startsWith(ownHost)
        ? (request.host.split(':')[0] as string)
        : `${ownHost}${api.region}.amazonaws.com`,
      // Fifteen letters and a sign of equality, as API Gateway's own are.
      requestId: base64OfBytes(bytesOfHex(ids.hex(22)))
        .replace(/\+/g, '-')
        .replace(/\//g, '_'),
      traceHeader: openTraceHeader(request.headers['x-amzn-trace-id'], ids, startedAt),
      startedAt,
    };
  }

  #named({ requestId }: ApiRequest, answer: RouteAnswer): RouteAnswer {
    return { ...answer, headers: [...answer.headers, 'Apigw-Requestid', requestId] };
  }

  async #answer(asked: ApiRequest): Promise<RouteAnswer> {
    const { clock } = this.#environment;
    const match = this.#tableOf(asked.deployment).find(asked.request.method, asked.path);
    const routeKey = match?.target.RouteKey;
    const refusal = this.#refusalOf(asked, routeKey);
    let outcome: IntegrationOutcome;
    let askedAt: number | undefined;
    let authorized: Authorized | undefined;
    if (refusal !== undefined || match === undefined) outcome = { answer: refusal ?? NOT_FOUND };
    else {
      const integration = own(asked.deployment.integrations, integrationIdOf(match.target.Target));
      const { target: route, pathParameters } = match;
      const routed = { ...asked, route, integration, pathParameters };
      const verdict = await this.#authorizers.judge(routed);
      if (verdict !== undefined && 'answer' in verdict) {
        outcome = { answer: verdict.answer, authorizerError: verdict.error };
      } else {
        authorized = verdict?.authorized;
        askedAt = clock.now();
        outcome = await this.#integrate({ ...routed, authorized });
      }
    }
    const now = clock.now();
    const served = {
      routeKey,
      authorized,
      outcome,
      latencyMs: now - asked.startedAt,
      integrationLatencyMs: askedAt === undefined ? undefined : now - askedAt,
    };
    recordRequest(this.#environment, asked, served);
    logAccess(this.#environment, asked, served);
    return outcome.answer;
  }

  /** What API Gateway answers without asking anybody. */
  #refusalOf(asked: ApiRequest, routeKey: string | undefined): RouteAnswer | undefined {
    if (headBytesOf(asked.request) > HEAD_MAX_BYTES) return HEAD_TOO_LARGE;
    if (routeKey === undefined) return NOT_FOUND;
    if (asked.request.body.length > PAYLOAD_MAX_BYTES) return apiMessage(413, 'Request Entity Too Large');
    const isAdmitted = this.#throttles.admit(asked, routeKey, asked.startedAt);
    return isAdmitted ? undefined : apiMessage(429, 'Too Many Requests');
  }

  /** Gives an integration the time that it has. */
  #integrate(routed: RoutedRequest): Promise<IntegrationOutcome> {
    const { integration } = routed;
    // A route without a target has nothing to answer with.
    if (integration === undefined) return Promise.resolve({ answer: apiMessage(500, 'Internal Server Error') });
    const { timers, clock } = this.#environment;
    return new Promise((resolve, reject) => {
      const timer = timers.schedule(clock.now() + (integration.TimeoutInMillis ?? TIMEOUT_MAX_MS), () =>
        resolve({
          answer: apiMessage(503, 'Service Unavailable'),
          errorMessage: 'The integration took longer than its timeout.',
        }),
      );
      const perform =
        integration.IntegrationType === 'HTTP_PROXY'
          ? passOn
          : integration.IntegrationSubtype === undefined
            ? invokeFunction
            : callService;
      perform(this.#environment, routed).then(
        (outcome) => {
          timer.cancel();
          resolve(outcome);
        },
        (error: unknown) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  #tableOf(deployment: StoredDeployment): RouteTable<Route> {
    const known = this.#tables.get(deployment);
    if (known !== undefined) return known;
    const table = new RouteTable<Route>();
    for (const route of deployment.routes) table.add(route.RouteKey as string, route);
    this.#tables.set(deployment, table);
    return table;
  }
}
