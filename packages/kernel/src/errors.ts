/** Base of every error that Holdfast throws at its users. `code` is stable and documented. */
export abstract class HoldfastError extends Error {
  abstract readonly code: string;
}

/** A value from outside breaks a rule. The message names field, value and rule. */
export class InvalidInputError extends HoldfastError {
  override readonly name = 'InvalidInputError';
  readonly code = 'INVALID_INPUT';
  readonly field: string;
  /** As it came. */
  readonly value: unknown;
  /** What it must be, after the value in the sentence. */
  readonly rule: string;

  constructor(field: string, value: unknown, rule: string, options?: ErrorOptions) {
    // JSON has no NaN.
    super(`${field}: ${typeof value === 'number' ? value : JSON.stringify(value)} ${rule}`, options);
    this.field = field;
    this.value = value;
    this.rule = rule;
  }
}
