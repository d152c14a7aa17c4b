import type { Json } from '@holdfast/engine';
import { membersOf, type Shape } from './codec/shape.ts';

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** `[3, namespace, name, traits, names, shapes, required]`: the members that are required come first. */
const requiredOf = (shape: Shape): readonly string[] => {
  const schema = shape.getSchema() as unknown as readonly unknown[];
  return ((schema[4] ?? []) as readonly string[]).slice(0, (schema[6] as number | undefined) ?? 0);
};

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What is wrong with the form of an answer that somebody made up, in the words of AWS's TestState; `undefined` when
 * nothing is. Members begin with a capital letter; those that the model does not have may be anything. Lengths, ranges
 * and enumerations are not in the models of the SDK for JavaScript.
 */
export const formProblem = (shape: Shape, value: Json, field: string, asksForRequired: boolean): string | undefined => {
  const wrong = (what: string): string => `Field '${field}' must be ${what}`;
  if (shape.isStructSchema()) {
    if (!isObject(value)) return wrong('an object');
    if (asksForRequired) {
      const missing = requiredOf(shape)
        .map(capitalised)
        .find((name) => value[name] === undefined);
      if (missing !== undefined) return `Required field '${missing}' is missing`;
    }
    for (const [name, member] of membersOf(shape)) {
      const given = value[capitalised(name)];
      if (given === undefined || given === null) continue;
      const problem = formProblem(member, given, capitalised(name), asksForRequired);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (shape.isListSchema() || shape.isMapSchema()) {
    if (shape.isListSchema() ? !Array.isArray(value) : !isObject(value)) {
      return wrong(shape.isListSchema() ? 'an array' : 'an object');
    }
    const item = shape.getValueSchema() as Shape;
    for (const each of Object.values(value as object) as Json[]) {
      const problem = each === null ? undefined : formProblem(item, each, field, asksForRequired);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (shape.isNumericSchema()) return typeof value === 'number' ? undefined : wrong('a number');
  if (shape.isBooleanSchema()) return typeof value === 'boolean' ? undefined : wrong('a boolean');
  const isText = shape.isStringSchema() || shape.isTimestampSchema() || shape.isBlobSchema();
  return isText && typeof value !== 'string' ? wrong('a string') : undefined;
};
