import { InvalidInputError } from '@holdfast/kernel';

/** Environment variables as a function finds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A required text. @throws {@link InvalidInputError} when it is missing or empty */
export const requiredText = (environment: Environment, name: string): string => {
  const value = environment[name];
  if (value === undefined || value === '') throw new InvalidInputError(name, value, 'must be set in the environment');
  return value;
};

/** An optional text; empty counts as absent. */
export const optionalText = (environment: Environment, name: string): string | undefined => {
  const value = environment[name];
  return value === '' ? undefined : value;
};

/** A number within bounds, or its default. @throws {@link InvalidInputError} naming variable, value and bounds */
export const numberWithin = (
  environment: Environment,
  name: string,
  fallback: number,
  bounds: { readonly min: number; readonly max: number },
): number => {
  const text = optionalText(environment, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!(value >= bounds.min && value <= bounds.max)) {
    throw new InvalidInputError(name, text, `must be a number from ${bounds.min} to ${bounds.max}`);
  }
  return value;
};
