/** An event will never be good: trying again only costs. It is set aside at once where there is a place for it. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** An event failed for a reason that passes. What throws anything else than these classes is treated alike. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** An event is to come again, not before `delayMs`: somebody said when, e.g. a `Retry-After` header. */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError';
  /** In milliseconds; SQS hides a message by whole seconds, for 12 hours at most. */
  readonly delayMs: number;

  constructor(message: string, delayMs: number, options?: ErrorOptions) {
    if (!(delayMs >= 0)) throw new RangeError(`delayMs: ${delayMs} must not be negative`);
    super(message, options);
    this.delayMs = delayMs;
  }
}
