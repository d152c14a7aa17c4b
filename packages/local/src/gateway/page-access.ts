import type { GetBucketCorsCommandOutput } from '@aws-sdk/client-s3';
import { ROUTES_PREFIX } from '@holdfast/engine';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { type CorsQuestion, corsRuleFor, corsRuleHeaders } from './cors-rules.ts';
import type { GatewayOptions } from './options.ts';
import { s3AddressOf } from './protocol/s3-address.ts';
import { RequestGuard, refusalOfControl } from './request-guard.ts';
import type { ServiceCatalog } from './service-catalog.ts';
import { signatureScopeOf } from './sigv4.ts';
import { headerOf, plainText, type WireRequest, type WireResponse } from './wire.ts';

/** What becomes of a request before anybody looks into it. */
export type Access =
  | { readonly answer: WireResponse }
  | {
      readonly answer: undefined;
      /** Headers that let the page read the answer. */
      readonly corsHeaders: readonly string[];
      /** The page is foreign: what it asks for has to be looked at again once the body is there. */
      readonly isForeign: boolean;
    };

const OPEN: Access = { answer: undefined, corsHeaders: [], isForeign: false };

/**
 * Decides which pages may call. Those of this machine and of `--allow-origin` may call everything; others what is made for
 * them: objects of buckets with CORS rules for them, and functions with an address of their own.
 */
export class PageAccess {
  readonly #guard: RequestGuard;
  readonly #options: GatewayOptions;
  readonly #catalog: ServiceCatalog;

  constructor(options: GatewayOptions, catalog: ServiceCatalog) {
    this.#options = options;
    this.#catalog = catalog;
    this.#guard = new RequestGuard(options.guard);
  }

  /** `request` may still be without its body. */
  decide(request: WireRequest): Access {
    const refusal = this.#guard.refusalOfHost(request.host) ?? this.#refusalOfControl(request);
    if (refusal !== undefined) return { answer: plainText(403, refusal) };
    const { headers, method } = request;
    const isPreflight = method === 'OPTIONS' && headers.origin !== undefined;
    const foreign = this.#guard.foreignPageOf(request);
    if (foreign === undefined && headers.origin === undefined) return OPEN;
    // It answers for itself, preflights too.
    if (this.#isForPages(request)) return OPEN;
    if (foreign === undefined) {
      const origin = headers.origin as string;
      return isPreflight
        ? { answer: { status: 204, headers: preflightHeaders(origin, headers), body: '' } }
        : { answer: undefined, corsHeaders: corsHeaders(origin), isForeign: false };
    }
    if (foreign.origin === undefined) return { answer: plainText(403, foreign.refusal) };
    return this.#ofBucket(request, foreign.origin, isPreflight, foreign.refusal);
  }

  #refusalOfControl(request: WireRequest): string | undefined {
    if (!request.path.startsWith(ROUTES_PREFIX) || this.#isForPages(request)) return undefined;
    return refusalOfControl(request);
  }

  #isForPages({ host, path }: WireRequest): boolean {
    return this.#options.routeOf?.(host, path)?.route.isForPages === true;
  }

  #ofBucket(request: WireRequest, origin: string, isPreflight: boolean, refusal: string): Access {
    const refused: Access = { answer: plainText(403, refusal) };
    const scope = signatureScopeOf(request);
    const destination = this.#catalog.destinationOf(request, scope?.service);
    const { bucket } = s3AddressOf(request);
    if (destination.protocol !== 'rest-xml' || bucket === undefined) return refused;
    const question: CorsQuestion = {
      origin,
      method: isPreflight ? (headerOf(request, 'access-control-request-method') ?? '') : request.method,
      headers: isPreflight ? namesIn(headerOf(request, 'access-control-request-headers')) : [],
    };
    const rule = corsRuleFor(this.#rulesOf(bucket), question);
    if (rule === undefined) return refused;
    const headers = corsRuleHeaders(rule, question);
    return isPreflight
      ? { answer: { status: 200, headers, body: '' } }
      : { answer: undefined, corsHeaders: headers, isForeign: true };
  }

  #rulesOf(bucket: string): NonNullable<GetBucketCorsCommandOutput['CORSRules']> {
    const { call, clock, defaultAccount, defaultRegion, ids } = this.#options;
    const context = { account: defaultAccount, region: defaultRegion, requestId: ids.uuid(), now: clock.now() };
    try {
      return (call('s3', 'GetBucketCors', { Bucket: bucket }, context) as GetBucketCorsCommandOutput).CORSRules ?? [];
    } catch {
      // No such bucket, or no rules: nothing is open.
      return [];
    }
  }
}

const namesIn = (header: string | undefined): string[] =>
  (header ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
