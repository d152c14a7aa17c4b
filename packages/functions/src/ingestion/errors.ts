import { classifyError } from '@holdfast/retry';

/** What kind of failure it was; kept with the message in the dead-letter queue. */
export const ERROR_CATEGORIES = ['VALIDATION', 'TRANSIENT', 'PERMANENT', 'TIMEOUT', 'PROCESSING', 'UNKNOWN'] as const;

/** One of {@link ERROR_CATEGORIES}. */
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

/** A failure whose thrower knows its kind. */
export class IngestionError extends Error {
  override readonly name: string = 'IngestionError';
  readonly category: ErrorCategory;

  constructor(category: ErrorCategory, message: string) {
    super(message);
    this.category = category;
  }
}

/** What was sent is not what its schema says. `problems` are sentences about members. */
export class SchemaValidationError extends IngestionError {
  override readonly name = 'SchemaValidationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('VALIDATION', problems.join('; '));
    this.problems = problems;
  }
}

/** Business logic failed over something that says nothing of its kind: a fault in it, or a case that nobody thought of. */
export class ProcessingError extends IngestionError {
  override readonly name = 'ProcessingError';

  constructor(cause: unknown) {
    super('PROCESSING', String(cause));
    this.cause = cause;
  }
}

/** A service behind the worker is not called for now. */
export class CircuitOpenError extends IngestionError {
  override readonly name = 'CircuitOpenError';

  constructor(service: string) {
    super('TRANSIENT', `the circuit breaker of ${service} is open`);
  }
}

/** Of Powertools: an event that is another one under the same id is never right; all else of it passes. */
const OF_IDEMPOTENCY: Readonly<Record<string, ErrorCategory>> = {
  IdempotencyValidationError: 'PERMANENT',
  IdempotencyAlreadyInProgressError: 'TRANSIENT',
  IdempotencyInconsistentStateError: 'TRANSIENT',
  IdempotencyPersistenceLayerError: 'TRANSIENT',
};

const OF_CLASS = {
  throttled: 'TRANSIENT',
  transient: 'TRANSIENT',
  permanent: 'PERMANENT',
  unknown: 'UNKNOWN',
} as const;

/** The kind of anything that was thrown: by its type, else by what AWS's clients and the network say of themselves. */
export const categoryOf = (error: unknown): ErrorCategory => {
  if (error instanceof IngestionError) return error.category;
  const name = error instanceof Error ? error.name : '';
  return OF_IDEMPOTENCY[name] ?? OF_CLASS[classifyError(error)];
};

/** Whether the same event is being processed somewhere else right now. */
export const isElsewhere = (error: unknown): boolean =>
  error instanceof Error && error.name === 'IdempotencyAlreadyInProgressError';

/** Whether another try can only fail again. */
export const isHopeless = (category: ErrorCategory): boolean => category === 'VALIDATION' || category === 'PERMANENT';
