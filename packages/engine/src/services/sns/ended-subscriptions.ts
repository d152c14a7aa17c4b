import { DAY_MS, type EpochMs } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import type { StoredSubscription } from './stored.ts';

/** How long the link in an UnsubscribeConfirmation restores the subscription. */
const KEPT_MS = 3 * DAY_MS;

interface Ended {
  readonly facts: StoredSubscription;
  readonly until: EpochMs;
}

/** Subscriptions of HTTP endpoints that somebody unsubscribed who did not sign, by the token that brings them back. */
export class EndedSubscriptions {
  readonly #environment: ServiceEnvironment;
  readonly #stored: Collection<Ended>;
  readonly #ended: Map<string, Ended>;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#stored = environment.store.collection('sns.ended-subscriptions');
    this.#ended = new Map(this.#stored.entries());
  }

  start(): void {
    for (const [token, { until }] of this.#ended) this.#forgetAt(token, until);
  }

  keep(token: string, facts: StoredSubscription): void {
    const until = this.#environment.clock.now() + KEPT_MS;
    this.#ended.set(token, { facts, until });
    this.#stored.put(token, { facts, until });
    this.#forgetAt(token, until);
  }

  /** The subscription that a token brings back; it does so once. */
  take(token: string): StoredSubscription | undefined {
    const ended = this.#ended.get(token);
    this.#forget(token);
    return ended?.facts;
  }

  #forgetAt(token: string, until: EpochMs): void {
    this.#environment.timers.schedule(until, () => this.#forget(token));
  }

  #forget(token: string): void {
    if (this.#ended.delete(token)) this.#stored.delete(token);
  }
}
