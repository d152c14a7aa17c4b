import type { Cors } from '@aws-sdk/client-lambda';
import { utf8Length } from '@holdfast/kernel';
import {
  httpResponse,
  openTraceHeader,
  preflightAnswer,
  type RouteAnswer,
  type ServiceEnvironment,
  withCors,
} from '../../../core/index.ts';
import { tooManyRequests } from '../errors.ts';
import { LATEST } from '../functions/function-record.ts';
import type { FunctionRegistry } from '../functions/function-registry.ts';
import type { Executor } from '../invocations/executor.ts';
import { type LambdaMetric, recordMetric } from '../invocations/function-metrics.ts';
import { SYNC_PAYLOAD_MAX_BYTES } from '../invocations/invoke-payload.ts';
import { type UrlRequest, urlEvent } from './url-event.ts';
import type { UrlRegistry, UrlTarget } from './url-registry.ts';

/** What a caller sees of a function that failed or gave no answer that can be sent. */
const badGateway: RouteAnswer = {
  status: 502,
  headers: ['Content-Type', 'application/json'],
  body: 'Internal Server Error',
};

const responseOf = (payload: string): RouteAnswer =>
  httpResponse(payload, { defaultType: 'application/json' }) ?? badGateway;

const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

const refusal = (status: number, errorType: string, body: object): RouteAnswer => ({
  status,
  headers: ['Content-Type', 'application/json', 'x-amzn-ErrorType', errorType],
  body: JSON.stringify(body),
});

const forbidden = (message: string | null): RouteAnswer => refusal(403, 'AccessDeniedException', { Message: message });

/** Everybody is let in by a statement for everybody, as `AddPermission` makes it; a signature opens the other kind. */
const mayCall = ({ record, qualifier, url }: UrlTarget, request: UrlRequest): boolean => {
  if (url.authType === 'AWS_IAM') return request.accessKeyId !== undefined;
  const statements = record.policies[qualifier ?? LATEST]?.statements ?? [];
  return statements.some(
    ({ Principal, Action, Condition }) =>
      Principal === '*' &&
      ['lambda:InvokeFunctionUrl', 'lambda:*', '*'].includes(Action) &&
      (Condition?.['StringEquals']?.['lambda:FunctionUrlAuthType'] ?? 'NONE') === 'NONE',
  );
};

/**
 * Answers HTTP requests to function URLs by invoking functions.
 *
 * Differs: signatures are not verified and identity policies not judged.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export class UrlServer {
  readonly #environment: ServiceEnvironment;
  readonly #registry: FunctionRegistry;
  readonly #executor: Executor;
  readonly #urls: UrlRegistry;

  constructor(environment: ServiceEnvironment, registry: FunctionRegistry, executor: Executor, urls: UrlRegistry) {
    this.#environment = environment;
    this.#registry = registry;
    this.#executor = executor;
    this.#urls = urls;
  }

  async serve(request: UrlRequest): Promise<RouteAnswer> {
    const found = this.#urls.find(request.urlId);
    if (found === undefined) return forbidden(null);
    const cors = found.url.cors as Cors | undefined;
    const preflight = preflightAnswer(cors, request, 200);
    if (preflight !== undefined) return preflight;
    const { clock, ids, metrics } = this.#environment;
    const startedAt = clock.now();
    const requestId = ids.uuid();
    const count = (name: LambdaMetric, value: number, unit?: 'Milliseconds'): void =>
      recordMetric(metrics, found.record, found.qualifier, name, value, startedAt, unit);
    const response = withCors(cors, request, await this.#answer(found, request, requestId, startedAt));
    count('UrlRequestCount', 1);
    count('UrlRequestLatency', clock.now() - startedAt, 'Milliseconds');
    if (response.status >= 500) count('Url5xxCount', 1);
    else if (response.status >= 400) count('Url4xxCount', 1);
    return { ...response, headers: ['x-amzn-RequestId', requestId, ...response.headers] };
  }

  #answer(found: UrlTarget, request: UrlRequest, requestId: string, now: number): Promise<RouteAnswer> | RouteAnswer {
    const { record, qualifier } = found;
    const version = this.#registry.versionOf(record, qualifier);
    if (version === undefined || !mayCall(found, request)) return forbidden(FORBIDDEN);
    const traceHeader = openTraceHeader(request.headers['x-amzn-trace-id'], this.#environment.ids, now);
    const payload = JSON.stringify(urlEvent(request, found, requestId, traceHeader, now));
    if (utf8Length(payload) > SYNC_PAYLOAD_MAX_BYTES) {
      return refusal(413, 'RequestEntityTooLargeException', { Message: 'Request Entity Too Large' });
    }
    return new Promise((resolve) => {
      const target = { record, version, qualifier };
      const refused = this.#executor.run({ target, requestId, payload, traceHeader, isAwaited: true }, (result) =>
        resolve(result.isError ? badGateway : responseOf(result.payload)),
      );
      if (refused === undefined) return;
      if (refused.kind === 'throttled') {
        const { code, members, message } = tooManyRequests(refused.reason);
        resolve(refusal(429, code, { ...members, Message: message }));
      } else resolve(badGateway);
    });
  }
}
