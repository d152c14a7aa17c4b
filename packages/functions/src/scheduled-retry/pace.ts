import {
  type CircuitBreaker,
  CLOSED_BREAKER,
  fullRetryBudget,
  type RetryBudget,
  type RetryBudgetPolicy,
  returnRetryTokens,
  takeRetryTokens,
  transitionBreaker,
} from '@holdfast/retry';
import { THROTTLE_BREAKER } from './settings.ts';

/** How many retries may begin now, or how long to wait before asking again. */
export type Grant = { readonly retries: number } | { readonly retries: 0; readonly waitMs: number };

/** Between two looks at a breaker whose probe is under way. */
const PROBE_WAIT_MS = 250;

/**
 * Keeps retries from starving fresh uploads: a token bucket bounds their rate, and a breaker stops them for a while
 * when the target has throttled several in a row. Lives as long as the execution environment.
 */
export class Pace {
  readonly #policy: RetryBudgetPolicy;
  #budget: RetryBudget;
  #breaker: CircuitBreaker = CLOSED_BREAKER;

  constructor(policy: RetryBudgetPolicy, now: number) {
    this.#policy = policy;
    this.#budget = fullRetryBudget(policy, now);
  }

  /** Asks for up to `wanted` retries. What is not used must come back by {@link giveBack}. */
  ask(wanted: number, now: number): Grant {
    const asked = transitionBreaker(THROTTLE_BREAKER, this.#breaker, 'ask', now);
    if (!asked.isAllowed) {
      const waitMs = asked.breaker.phase === 'open' ? asked.breaker.until - now : PROBE_WAIT_MS;
      return { retries: 0, waitMs: Math.max(1, waitMs) };
    }
    const isProbe = asked.breaker.phase === 'half-open';
    const take = takeRetryTokens(this.#policy, this.#budget, now, isProbe ? 1 : wanted);
    this.#budget = take.budget;
    // Without a token there is no probe: the breaker stays as it was.
    if (take.granted === 0) return { retries: 0, waitMs: Math.max(1, take.nextTokenAt - now) };
    this.#breaker = asked.breaker;
    return { retries: take.granted };
  }

  giveBack(unused: number): void {
    this.#budget = returnRetryTokens(this.#policy, this.#budget, unused);
  }

  /** The target had a place, whatever came of it. */
  served(now: number): void {
    this.#breaker = transitionBreaker(THROTTLE_BREAKER, this.#breaker, 'succeeded', now).breaker;
  }

  throttled(now: number): void {
    this.#breaker = transitionBreaker(THROTTLE_BREAKER, this.#breaker, 'failed', now).breaker;
  }
}
