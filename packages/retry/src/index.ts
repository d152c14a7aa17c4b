export {
  BACKOFF_DEFAULTS,
  type BackoffPolicy,
  backoffCeilingMs,
  backoffDelayMs,
  type Jitter,
  nextDecorrelatedDelayMs,
  resolveBackoffPolicy,
} from './backoff.ts';
export {
  type CircuitBreaker,
  type CircuitBreakerCommand,
  type CircuitBreakerPolicy,
  type CircuitBreakerTransition,
  CLOSED_BREAKER,
  resolveCircuitBreakerPolicy,
  transitionBreaker,
} from './circuit-breaker.ts';
export { classifyError, classifyFunctionError, type ErrorClass, type KnownErrorTypes } from './classify.ts';
export {
  NETWORK_ERROR_CODES,
  PERMANENT_PLATFORM_ERROR_TYPES,
  THROTTLING_ERROR_NAMES,
  TRANSIENT_ERROR_NAMES,
  TRANSIENT_PLATFORM_ERROR_TYPES,
} from './error-codes.ts';
export {
  fullRetryBudget,
  type RetryBudget,
  type RetryBudgetPolicy,
  type RetryBudgetTake,
  refillRetryBudget,
  resolveRetryBudgetPolicy,
  returnRetryTokens,
  takeRetryTokens,
} from './retry-budget.ts';
