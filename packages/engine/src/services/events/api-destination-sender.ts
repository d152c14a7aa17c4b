import { base64OfText, type EpochMs, SECOND_MS } from '@holdfast/kernel';
import type { HttpCall, HttpOutcome, ServiceEnvironment } from '../../core/index.ts';
import type { ApiDestinations, StoredApiDestination } from './api-destinations.ts';
import type { ConnectionParameter, StoredConnection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { DeliveryFailure } from './delivery-failure.ts';
import type { Invocation } from './target-sender.ts';

/** How long EventBridge waits for an endpoint. */
const TIMEOUT_MS = 5 * SECOND_MS;

/** Answers that EventBridge tries again. */
const RETRIED: ReadonlySet<number> = new Set([401, 407, 409, 429]);

/** Answers that say that the token is no good any more. */
const UNAUTHORIZED: ReadonlySet<number> = new Set([401, 407]);

const missing = (what: string): DeliveryFailure => ({
  code: 'NO_RESOURCE',
  message: `${what} does not exist.`,
  isRetryable: false,
});

const recordOf = (parameters: readonly ConnectionParameter[] | undefined): Record<string, string> =>
  Object.fromEntries((parameters ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** The endpoint with path parameters in the places of its `*`, and the query behind it. */
const urlOf = (endpoint: string, values: readonly string[], query: Readonly<Record<string, string>>): string => {
  let next = 0;
  const url = endpoint.replace(/\*/g, () => encodeURIComponent(values[next++] ?? ''));
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return pairs.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${pairs.join('&')}`;
};

/** Body parameters of the connection go into a body that is an object; any other body is left as it is. */
const bodyOf = (payload: string, parameters: readonly ConnectionParameter[] | undefined): string => {
  if (parameters === undefined || parameters.length === 0) return payload;
  try {
    const body: unknown = JSON.parse(payload);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return payload;
    return JSON.stringify({ ...body, ...recordOf(parameters) });
  } catch {
    return payload;
  }
};

const authorizationOf = ({ auth }: StoredConnection, token: string | undefined): Record<string, string> => {
  if (token !== undefined) return { Authorization: `Bearer ${token}` };
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key } = auth;
  if (basic !== undefined) return { Authorization: `Basic ${base64OfText(`${basic.Username}:${basic.Password}`)}` };
  return key === undefined ? {} : { [key.ApiKeyName]: key.ApiKeyValue };
};

/**
 * Calls the endpoints of API destinations. What the connection adds wins over what the target adds.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 */
export class ApiDestinationSender {
  readonly #environment: ServiceEnvironment;
  readonly #destinations: ApiDestinations;
  readonly #connections: Connections;
  /** When a destination's limit lets the next request through, as a fraction of milliseconds. */
  readonly #nextFreeAt = new Map<string, number>();

  constructor(environment: ServiceEnvironment, destinations: ApiDestinations, connections: Connections) {
    this.#environment = environment;
    this.#destinations = destinations;
    this.#connections = connections;
  }

  /** Takes the first moment from now on at which the destination's limit lets a request through. */
  slotFor(destinationArn: string, now: EpochMs): EpochMs {
    const destination = this.#destinations.find(destinationArn);
    if (destination === undefined) return now;
    const slot = Math.max(now, this.#nextFreeAt.get(destinationArn) ?? 0);
    this.#nextFreeAt.set(destinationArn, slot + SECOND_MS / destination.ratePerSecond);
    return Math.ceil(slot);
  }

  /** `onDone` gets what went wrong, or nothing; never within `send`. */
  send(invocation: Invocation, onDone: (failure: DeliveryFailure | undefined) => void): void {
    const fail = (failure: DeliveryFailure): void => {
      const { timers, clock } = this.#environment;
      timers.schedule(clock.now(), () => onDone(failure));
    };
    const way = this.#wayTo(invocation.targetArn);
    if ('code' in way) {
      fail(way);
      return;
    }
    const { destination, connection } = way;
    if (connection.authorizationType !== 'OAUTH_CLIENT_CREDENTIALS') {
      this.#call(destination, connection, invocation, undefined, onDone);
      return;
    }
    this.#connections.tokens.of(connection, (result) => {
      if (result.kind === 'token') this.#call(destination, connection, invocation, result.token, onDone);
      else fail({ code: 'CONNECTION_FAILURE', message: result.message, isRetryable: true });
    });
  }

  #wayTo(
    destinationArn: string,
  ): { readonly destination: StoredApiDestination; readonly connection: StoredConnection } | DeliveryFailure {
    const destination = this.#destinations.find(destinationArn);
    if (destination === undefined) return missing(`API destination ${destinationArn}`);
    const connection = this.#connections.find(destination.connectionArn);
    if (connection === undefined) return missing(`Connection ${destination.connectionArn}`);
    const { state, reason } = connection;
    if (state === 'AUTHORIZED') return { destination, connection };
    const message = `The connection is not authorized. ${reason ?? ''}`.trim();
    return { code: 'CONNECTION_FAILURE', message, isRetryable: state === 'AUTHORIZING' };
  }

  #call(
    destination: StoredApiDestination,
    connection: StoredConnection,
    { payload, http = {} }: Invocation,
    token: string | undefined,
    onDone: (failure: DeliveryFailure | undefined) => void,
  ): void {
    const added = connection.auth.InvocationHttpParameters ?? {};
    const hasBody = destination.method !== 'GET' && destination.method !== 'HEAD';
    const call: HttpCall = {
      method: destination.method,
      url: urlOf(destination.endpoint, http.pathValues ?? [], {
        ...http.query,
        ...recordOf(added.QueryStringParameters),
      }),
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        ...http.headers,
        ...recordOf(added.HeaderParameters),
        ...authorizationOf(connection, token),
        'User-Agent': 'Amazon/EventBridge/ApiDestinations',
        Range: 'bytes=0-1048575',
      },
      body: hasBody ? bodyOf(payload, added.BodyParameters) : '',
      timeoutMs: TIMEOUT_MS,
    };
    this.#environment.http.send(call, (outcome) => {
      // A new token for the next try.
      if (outcome.kind === 'answered' && UNAUTHORIZED.has(outcome.status))
        this.#connections.tokens.forget(connection.arn);
      onDone(failureOf(outcome, this.#environment.clock.now()));
    });
  }
}

const failureOf = (outcome: HttpOutcome, now: EpochMs): DeliveryFailure | undefined => {
  if (outcome.kind === 'failed') {
    const code = outcome.reason === 'timeout' ? 'TIMEOUT' : 'CONNECTION_FAILURE';
    return { code, message: outcome.message, isRetryable: true };
  }
  const { status, headers } = outcome;
  if (status >= 200 && status < 300) return undefined;
  const message = `The endpoint answered with status code ${status}.`;
  const isRetryable = RETRIED.has(status) || status >= 500;
  const retryAfterMs = retryAfterOf(headers['retry-after'], now);
  // A negative wish means: not again.
  if (retryAfterMs !== undefined && retryAfterMs < 0) return { code: 'ERROR_FROM_TARGET', message, isRetryable: false };
  return { code: status === 429 ? 'THROTTLING' : 'ERROR_FROM_TARGET', message, isRetryable, retryAfterMs };
};

/** Seconds or a date. */
const retryAfterOf = (header: string | undefined, now: EpochMs): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^-?\d+$/.test(header) ? Number(header) * SECOND_MS : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : ms;
};
