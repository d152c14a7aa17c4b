/** Base of every error that Holdfast throws at its users. `code` is stable and documented. */
export abstract class HoldfastError extends Error {
  abstract readonly code: string;
}

/** A value for a sentence: what has no JSON, as something nested beyond the stack, is left out. */
const shown = (value: unknown): string => {
  // JSON has no NaN.
  if (typeof value === 'number') return String(value);
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return '…';
  }
};

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
    super(`${field}: ${shown(value)} ${rule}`, options);
    this.field = field;
    this.value = value;
    this.rule = rule;
  }
}
