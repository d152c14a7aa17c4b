import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import { makeArn, parseArn } from '@holdfast/aws-model';
import { utf8Bytes, utf8Text } from '@holdfast/kernel';
import { judgePolicy, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { apiMessage, type RoutedRequest } from './api-request.ts';
import { identityOf } from './identity-sources.ts';
import { functionArnOf } from './integration-checks.ts';
import { eventOfFormat1, eventOfFormat2, sourceArnOf } from './lambda-integration.ts';
import type { Authorized, Verdict } from './verdict.ts';

/** A function has this long to decide. */
const TIMEOUT_MS = 10_000;
const KEPT_MAX = 10_000;

interface Decision {
  /** Statements as the function gave them, or `true` and `false`. */
  readonly isAllowed: (resourceArn: string) => boolean;
  readonly context: Readonly<Record<string, unknown>>;
  readonly principalId?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const INTERNAL_ERROR = apiMessage(500, 'Internal Server Error');
const FORBIDDEN = apiMessage(403, 'Forbidden');

/** A policy of a function has no principal: it is about the caller. */
const allowsBy = (policy: Fields): ((resourceArn: string) => boolean) => {
  const statements = [policy['Statement'] ?? []].flat() as unknown as readonly Fields[];
  const text = JSON.stringify({ Statement: statements.map((statement) => ({ ...statement, Principal: '*' })) });
  return (resourceArn) =>
    judgePolicy(text, { principals: [], action: 'execute-api:Invoke', resourceArn, conditions: {} }) === 'allow';
};

/** What a function decided; `undefined` when it did not say so in the way that it must. */
const decisionOf = (text: string, { EnableSimpleResponses }: Authorizer): Decision | undefined => {
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(result)) return undefined;
  const context = isFields(result['context']) ? result['context'] : {};
  if (EnableSimpleResponses === true) {
    const { isAuthorized } = result;
    return typeof isAuthorized === 'boolean' ? { isAllowed: () => isAuthorized, context } : undefined;
  }
  const { policyDocument, principalId } = result;
  if (!isFields(policyDocument)) return undefined;
  const id = typeof principalId === 'string' ? principalId : undefined;
  return { isAllowed: allowsBy(policyDocument), context, principalId: id };
};

const authorizedBy = ({ context, principalId }: Decision): Authorized => {
  const values = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
  const who = principalId === undefined ? {} : { principalId };
  return { ofFormat2: { lambda: context }, ofFormat1: { ...context, ...who }, values: { ...values, ...who } };
};

const eventFor = (
  authorizer: Authorizer,
  routed: RoutedRequest,
  identities: readonly string[],
  routeArn: string,
): object => {
  if (authorizer.AuthorizerPayloadFormatVersion === '1.0') {
    const { body: _, isBase64Encoded: __, ...event } = eventOfFormat1(routed);
    const identitySource = identities.join(',');
    return { ...event, type: 'REQUEST', methodArn: routeArn, identitySource, authorizationToken: identitySource };
  }
  const { body: _, isBase64Encoded: __, ...event } = eventOfFormat2(routed);
  return { ...event, type: 'REQUEST', routeArn, identitySource: identities };
};

/**
 * Functions that decide about callers, and what they decided, for as long as their authorizer says.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export class LambdaAuthorizers {
  readonly #environment: ServiceEnvironment;
  readonly #kept = new Map<string, { readonly decision: Decision; readonly until: number }>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
  }

  async judge(authorizer: Authorizer, routed: RoutedRequest): Promise<Verdict> {
    const { IdentitySource = [], AuthorizerResultTtlInSeconds: ttl = 0, AuthorizerId } = authorizer;
    const identities = IdentitySource.map((source) => identityOf(source, routed));
    const known = identities.filter((identity) => identity !== undefined);
    if (known.length < identities.length) {
      return { answer: apiMessage(401, 'Unauthorized'), error: 'an identity source is missing' };
    }
    const { clock } = this.#environment;
    const place = JSON.stringify([routed.api.apiId, routed.stage.StageName, AuthorizerId, known]);
    const kept = this.#kept.get(place);
    const isKept = kept !== undefined && kept.until > clock.now();
    const routeArn = sourceArnOf(routed);
    const decision = isKept ? kept.decision : await this.#ask(authorizer, routed, known, routeArn);
    if (typeof decision === 'string') return { answer: INTERNAL_ERROR, error: decision };
    if (!isKept && ttl > 0 && known.length > 0) {
      if (this.#kept.size >= KEPT_MAX) this.#kept.clear();
      this.#kept.set(place, { decision, until: clock.now() + ttl * 1_000 });
    }
    return decision.isAllowed(routeArn)
      ? { authorized: authorizedBy(decision) }
      : { answer: FORBIDDEN, error: 'the authorizer denied the request' };
  }

  forget(apiId: string, stage?: string): void {
    const prefix = stage === undefined ? JSON.stringify([apiId]) : JSON.stringify([apiId, stage]);
    for (const place of this.#kept.keys()) {
      if (place.startsWith(prefix.slice(0, -1))) this.#kept.delete(place);
    }
  }

  /** The function's decision, or why there is none. */
  async #ask(
    authorizer: Authorizer,
    routed: RoutedRequest,
    identities: readonly string[],
    routeArn: string,
  ): Promise<Decision | string> {
    const { deliver, timers, clock } = this.#environment;
    const { api } = routed;
    const arn = functionArnOf(authorizer.AuthorizerUri ?? '') ?? '';
    const sender = {
      principal: authorizer.AuthorizerCredentialsArn === undefined ? 'apigateway.amazonaws.com' : undefined,
      sourceArn: makeArn('execute-api', api.region, api.account, `${api.apiId}/authorizers/${authorizer.AuthorizerId}`),
      sourceAccount: api.account,
    };
    if (parseArn(arn) === undefined || !deliver.accepts(arn, sender)) {
      return `API Gateway may not invoke the function ${arn}.`;
    }
    const event = eventFor(authorizer, routed, identities, routeArn);
    const asked = this.#invoke(arn, JSON.stringify(event), routed);
    return new Promise((resolve, reject) => {
      const timer = timers.schedule(clock.now() + TIMEOUT_MS, () => resolve('The authorizer took longer than 10 s.'));
      asked.then((text) => {
        timer.cancel();
        const decision = text === undefined ? undefined : decisionOf(text, authorizer);
        resolve(decision ?? 'The authorizer gave no valid answer.');
      }, reject);
    });
  }

  async #invoke(arn: string, event: string, { traceHeader, request }: RoutedRequest): Promise<string | undefined> {
    const { call, ids, clock } = this.#environment;
    const [, , , region = '', account = ''] = arn.split(':');
    const { sourceIp } = request;
    const context = { account, region, requestId: ids.uuid(), now: clock.now(), traceHeader, sourceIp };
    const input = { FunctionName: arn, InvocationType: 'RequestResponse', Payload: utf8Bytes(event) };
    try {
      const answer = await call('lambda', 'Invoke', input, context);
      const { FunctionError, Payload } = answer as { readonly FunctionError?: string; readonly Payload?: Uint8Array };
      return FunctionError === undefined ? utf8Text(Payload ?? new Uint8Array()) : undefined;
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }
}
