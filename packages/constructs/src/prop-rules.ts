import type { Duration } from 'aws-cdk-lib';

/** A prop breaks a rule: field, value, rule. */
export class InvalidPropError extends Error {
  override readonly name = 'InvalidPropError';
  readonly field: string;
  readonly rule: string;

  constructor(field: string, value: string | number, rule: string) {
    super(`${field}: ${value} ${rule}`);
    this.field = field;
    this.rule = rule;
  }
}

const seconds = (duration: Duration): string => `${duration.toSeconds()} s`;

/** @throws InvalidPropError when a duration is outside of its bounds, both of them included */
export const checkDuration = (field: string, value: Duration, min: Duration, max: Duration, why = ''): void => {
  if (value.toSeconds() >= min.toSeconds() && value.toSeconds() <= max.toSeconds()) return;
  throw new InvalidPropError(field, seconds(value), `must be from ${seconds(min)} to ${seconds(max)}${why}`);
};

/** @throws InvalidPropError when a number is not whole, or outside of its bounds, both of them included */
export const checkWhole = (field: string, value: number, min: number, max: number, why = ''): void => {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new InvalidPropError(field, value, `must be a whole number from ${min} to ${max}${why}`);
};
