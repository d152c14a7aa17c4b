import type { ServiceError } from '../../core/index.ts';

/** ERROR_CODE of a dead-lettered event. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export type DeliveryErrorCode =
  | 'CONNECTION_FAILURE'
  | 'ERROR_FROM_TARGET'
  | 'NO_PERMISSIONS'
  | 'NO_RESOURCE'
  | 'THROTTLING'
  | 'TIMEOUT'
  | 'INTERNAL_ERROR'
  | 'INVALID_JSON'
  | 'SDK_CLIENT_ERROR';

export interface DeliveryFailure {
  readonly code: DeliveryErrorCode;
  readonly message: string;
  /** Whether trying again can help: throttles and faults of the target, nothing else. */
  readonly isRetryable: boolean;
  /** The target does not want to be asked again before. */
  readonly retryAfterMs?: number | undefined;
}

const NO_PERMISSIONS = /^(KMS)?(AccessDenied|NotAuthorized|AuthorizationError|Unauthorized|Forbidden)/i;
const NO_RESOURCE = /(NotFound|NonExistentQueue|QueueDoesNotExist|NoSuch)/;
const THROTTLING = /(Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown|OverLimit)/;

/** Sorts a target's refusal into what EventBridge retries and what it gives up at once. */
export const classifyFailure = (error: ServiceError): DeliveryFailure => {
  const { message } = error;
  if (THROTTLING.test(error.code) || error.status === 429) return { code: 'THROTTLING', message, isRetryable: true };
  if (NO_PERMISSIONS.test(error.code)) return { code: 'NO_PERMISSIONS', message, isRetryable: false };
  if (NO_RESOURCE.test(error.code)) return { code: 'NO_RESOURCE', message, isRetryable: false };
  if (error.status >= 500 && error.status !== 501) return { code: 'INTERNAL_ERROR', message, isRetryable: true };
  return { code: 'SDK_CLIENT_ERROR', message, isRetryable: false };
};
