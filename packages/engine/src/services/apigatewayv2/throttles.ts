import { TokenBucket } from '../../core/index.ts';
import type { ApiRequest } from './api-request.ts';

/** Quota of an account in a region. */
const ACCOUNT_RATE = 10_000;
const ACCOUNT_BURST = 5_000;

/**
 * Limits of requests per second: a route's own, else those of the stage, and those of the account.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
 */
export class Throttles {
  readonly #buckets = new Map<string, TokenBucket>();

  /** Takes a request in, or says that it is one too many. */
  admit({ api, stage }: ApiRequest, routeKey: string, now: number): boolean {
    const place = `${api.apiId}/${stage.StageName}`;
    const own = stage.RouteSettings?.[routeKey];
    const settings =
      own?.ThrottlingRateLimit === undefined && own?.ThrottlingBurstLimit === undefined ? undefined : own;
    const limits = settings ?? stage.DefaultRouteSettings;
    const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = limits ?? {};
    const key = settings === undefined ? place : `${place}/${routeKey}`;
    const isLimited = rate !== undefined || burst !== undefined;
    if (isLimited && !this.#bucket(key).take(now, rate ?? ACCOUNT_RATE, burst ?? ACCOUNT_BURST)) return false;
    return this.#bucket(`${api.account}/${api.region}`).take(now, ACCOUNT_RATE, ACCOUNT_BURST);
  }

  #bucket(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket();
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
