import type { Json, JsonObject } from '../../../core/index.ts';
import { runtimeFailure, StateFailure } from './errors.ts';
import { evaluateIntrinsic, parseIntrinsic } from './intrinsic.ts';
import { evaluatePath, PathNotFoundError } from './json-path.ts';
import { type JsonPath, parsePath } from './json-path-syntax.ts';
import { evaluateExpression, expressionIn } from './jsonata-expression.ts';
import type { LanguageTools } from './tools.ts';

/** What the fields of a state can refer to. */
export interface Scope {
  /** What `$` means: a state's input, or its result in a result selector. */
  readonly input: Json;
  /** Of a task, map or parallel state, once it is there. */
  readonly result?: Json | undefined;
  /** In a catcher. */
  readonly errorOutput?: Json | undefined;
  readonly context: Json;
  readonly variables: Readonly<Record<string, Json>>;
  readonly tools: LanguageTools;
  readonly nowMs: number;
}

const rootOf = (path: JsonPath, scope: Scope): Json => {
  if (path.root === '') return scope.input;
  if (path.root === '$') return scope.context;
  const value = scope.variables[path.root];
  if (value === undefined) throw new PathNotFoundError(`Missing variable '${path.root}'`);
  return value;
};

/** @throws PathNotFoundError */
export const lookUp = (text: string, scope: Scope): Json => {
  const path = parsePath(text);
  return evaluatePath(path, rootOf(path, scope));
};

/** For `InputPath`, `OutputPath` and the `…Path` fields of tasks. */
export const lookUpPath = (text: string, scope: Scope): Json => {
  try {
    return lookUp(text, scope);
  } catch (error) {
    if (error instanceof PathNotFoundError) throw runtimeFailure(`Invalid path '${text}' : ${error.message}`);
    throw error;
  }
};

/** For fields whose failure names them, e.g. `value.$` or `ErrorPath`. */
export const lookUpField = (text: string, field: string, scope: Scope): Json => {
  try {
    return lookUp(text, scope);
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    throw runtimeFailure(
      `The JSONPath '${text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(scope.input)}'`,
    );
  }
};

/** A path or a call of an intrinsic function. */
export const evaluateDynamic = (text: string, field: string, scope: Scope): Json => {
  if (!text.startsWith('States.')) return lookUpField(text, field, scope);
  try {
    return evaluateIntrinsic(parseIntrinsic(text), (path) => argumentAt(path, scope), scope.tools);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    throw new StateFailure(error.error, `The function '${text}' had the following error: ${error.errorCause}`, true);
  }
};

const argumentAt = (path: JsonPath, scope: Scope): Json => {
  try {
    return evaluatePath(path, rootOf(path, scope));
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    throw runtimeFailure(
      `The JsonPath argument for the field '${path.text}' could not be found in the input '${JSON.stringify(scope.input)}'`,
    );
  }
};

/** A payload template: members whose names end in `.$` are paths or intrinsic functions. */
export const fillTemplate = (template: Json, scope: Scope): Json => {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, scope));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template as JsonObject).map(([name, value]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), evaluateDynamic(value as string, name, scope)]
        : [name, fillTemplate(value, scope)],
    ),
  );
};

const statesOf = ({ input, result, errorOutput, context }: Scope): Json => ({
  input,
  context,
  ...(result === undefined ? {} : { result }),
  ...(errorOutput === undefined ? {} : { errorOutput }),
});

/** Texts within `{% … %}` are expressions, at any depth; `location` leads the names of fields in failures. */
export const fillExpressions = (template: Json, scope: Scope, location: string): Json => {
  if (typeof template === 'string') {
    const source = expressionIn(template);
    if (source === undefined) return template;
    return evaluateExpression(source, { ...scope, states: statesOf(scope) }, location);
  }
  if (Array.isArray(template)) {
    return template.map((item, index) => fillExpressions(item, scope, `${location}[${index}]`));
  }
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template as JsonObject).map(([name, value]) => [
      name,
      fillExpressions(value, scope, `${location}/${name}`),
    ]),
  );
};
