import type { Json, JsonObject } from '@holdfast/engine';
import { memberOf, setMember } from '@holdfast/kernel';
import { validationError } from '../errors.ts';
import { checkForm } from './call-forms.ts';
import { eachCall, Resolver, type Scope } from './intrinsics.ts';

/** Evaluates all conditions of a template; they may build on each other. */
export const evaluateConditions = (
  definitions: JsonObject,
  scope: Omit<Scope, 'condition' | 'ref' | 'attribute' | 'importValue'>,
): Readonly<Record<string, boolean>> => {
  const values: Record<string, boolean> = {};
  const entered = new Set<string>();
  const condition = (name: string): boolean => {
    const known = memberOf(values, name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(definitions, name))
      throw validationError(
        `Template error: unresolved condition dependency ${name} in the Conditions block of the template`,
      );
    if (entered.has(name)) throw validationError(`Template error: Circular dependency between conditions: [${name}]`);
    entered.add(name);
    const value = resolver.test(definitions[name] as Json);
    setMember(values, name, value);
    return value;
  };
  const resolver = new Resolver({
    ...scope,
    condition,
    ref: () => undefined,
    attribute: () => undefined,
    importValue: () => {
      throw validationError('Template validation error: Fn::ImportValue is not allowed in Conditions');
    },
  });
  for (const definition of Object.values(definitions)) {
    eachCall(
      definition as Json,
      () => true,
      (name, call) => checkForm(name, (call as JsonObject)[name] as Json),
    );
  }
  for (const name of Object.keys(definitions)) condition(name);
  return values;
};
