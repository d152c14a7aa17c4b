import { HoldfastError } from '@holdfast/kernel';
import { Annotations, type Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A prop breaks a rule: field, value, rule. */
export class InvalidPropError extends HoldfastError {
  override readonly name = 'InvalidPropError';
  readonly code = 'INVALID_PROP';
  readonly field: string;
  readonly value: string | number;
  readonly rule: string;

  constructor(field: string, value: string | number, rule: string) {
    super(`${field}: ${value} ${rule}`);
    this.field = field;
    this.value = value;
    this.rule = rule;
  }
}

/** As errors and warnings name a duration. */
export const seconds = (duration: Duration): string => `${duration.toMilliseconds() / 1_000} s`;

/** @throws InvalidPropError when a duration is outside of its bounds, both of them included */
export const checkDuration = (field: string, value: Duration, min: Duration, max: Duration, why = ''): void => {
  const milliseconds = value.toMilliseconds();
  if (milliseconds >= min.toMilliseconds() && milliseconds <= max.toMilliseconds()) return;
  throw new InvalidPropError(field, seconds(value), `must be from ${seconds(min)} to ${seconds(max)}${why}`);
};

/** @throws InvalidPropError when a number is not whole, or outside of its bounds, both of them included */
export const checkWhole = (field: string, value: number, min: number, max: number, why = ''): void => {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new InvalidPropError(field, value, `must be a whole number from ${min} to ${max}${why}`);
};

/** What is said of a relation that will lose, double or delay events, although AWS takes it. */
export interface PropWarning {
  readonly id: string;
  readonly message: string;
}

/** Has `cdk synth` show what is wrong with a construct; each can be acknowledged by `@holdfast/constructs:<id>`. */
export const warn = (construct: Construct, warnings: readonly PropWarning[]): void => {
  for (const { id, message } of warnings) {
    Annotations.of(construct).addWarningV2(`@holdfast/constructs:${id}`, message);
  }
};
