import type { ErrorObject, Options, ValidateFunction } from 'ajv';
import { SchemaValidationError } from './errors.ts';

/** Checking the schemas themselves means compiling the schema of schemas, a quarter of a cold start; a test does that. */
export const SCHEMA_OPTIONS: Options = { allErrors: true, strict: true, meta: false, validateSchema: false };

const sentence = ({ instancePath, message = 'is wrong', params }: ErrorObject): string => {
  const where = instancePath === '' ? 'body' : instancePath.slice(1).replaceAll('/', '.');
  const extra = (params as { additionalProperty?: string }).additionalProperty;
  return extra === undefined ? `${where} ${message}` : `${where} must not have ${extra}`;
};

/** The value, once it is what the schema says. @throws SchemaValidationError with a sentence for everything that is wrong */
export const checkedBy = <Value>(validate: ValidateFunction<Value>, value: unknown): Value => {
  if (!validate(value)) throw new SchemaValidationError((validate.errors ?? []).map(sentence));
  return value;
};

/** @throws SchemaValidationError when the text is no JSON */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new SchemaValidationError(['body must be JSON']);
  }
};
