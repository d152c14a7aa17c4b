import { utf8Length } from '@holdfast/kernel';
import type { Json, JsonObject } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { EvaluationFailure, runtimeFailure, StateFailure } from '../language/errors.ts';
import { PathNotFoundError, putAt } from '../language/json-path.ts';
import { parsePath } from '../language/json-path-syntax.ts';
import { fillExpressions, fillTemplate, lookUpPath, type Scope } from '../language/scope.ts';
import { PAYLOAD_BYTES_MAX } from '../payload-limit.ts';

/** What a state hands on. */
export interface StateOutput {
  readonly output: Json;
  readonly assigned: Readonly<Record<string, Json>>;
}

/** A state's output. @throws StateFailure when it is larger than AWS hands on */
export const checkedPayload = (text: string, what: string): string => {
  if (text.length > PAYLOAD_BYTES_MAX / 4 && utf8Length(text) > PAYLOAD_BYTES_MAX) throw tooLarge(what);
  return text;
};

export const tooLarge = (what: string): StateFailure =>
  new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );

/** `InputPath`: what of its input a state looks at. */
export const selectInput = (fields: JsonObject, scope: Scope): Json => {
  if (fields.InputPath === undefined || fields.InputPath === '$') return scope.input;
  return fields.InputPath === null ? {} : lookUpPath(fields.InputPath as string, scope);
};

/** What a task, map or pass state works on: `Arguments`, or `InputPath` and `Parameters`. */
export const effectiveInput = (node: StateNode, scope: Scope): Json => {
  const { fields } = node;
  if (node.language === 'JSONata') {
    return fields.Arguments === undefined ? scope.input : fillExpressions(fields.Arguments, scope, 'Arguments');
  }
  const input = selectInput(fields, scope);
  return fields.Parameters === undefined ? input : fillTemplate(fields.Parameters, withInput(scope, input));
};

export const withInput = (scope: Scope, input: Json): Scope => ({
  input,
  context: scope.context,
  variables: scope.variables,
  tools: scope.tools,
  nowMs: scope.nowMs,
});

/** States whose results are selected from and put into their input. */
const HAVE_RESULTS: ReadonlySet<string> = new Set(['Task', 'Pass', 'Parallel', 'Map']);

/** Output and assignments of a state that has `result`; `rule` is a choice's rule, which has fields of its own. */
export const produce = (node: StateNode, scope: Scope, result: Json, rule?: JsonObject): StateOutput => {
  const fields = rule ?? node.fields;
  if (node.language === 'JSONata') {
    const isTaskLike = node.type === 'Task' || node.type === 'Parallel' || node.type === 'Map';
    const full: Scope = isTaskLike ? { ...scope, context: scope.context, result } : scope;
    const output = fields.Output === undefined ? result : fillExpressions(fields.Output, full, 'Output');
    return { output, assigned: assign(fields.Assign, (template) => fillExpressions(template, full, 'Assign')) };
  }
  const isSelecting = node.type !== 'Pass' && node.fields.ResultSelector !== undefined;
  const selected = isSelecting ? fillTemplate(node.fields.ResultSelector as Json, withInput(scope, result)) : result;
  const assigned = assign(fields.Assign, (template) => fillTemplate(template, withInput(scope, selected)));
  const combined = HAVE_RESULTS.has(node.type) ? place(node.fields.ResultPath, scope, selected) : selected;
  return { output: selectOutput(node.fields, withInput(scope, combined)), assigned };
};

const selectOutput = (fields: JsonObject, scope: Scope): Json => {
  if (fields.OutputPath === undefined || fields.OutputPath === '$') return scope.input;
  return fields.OutputPath === null ? {} : lookUpPath(fields.OutputPath as string, scope);
};

/** `ResultPath`: where in the state's input a result goes. */
export const place = (resultPath: Json | undefined, scope: Scope, result: Json): Json => {
  if (resultPath === undefined || resultPath === '$') return result;
  if (resultPath === null) return scope.input;
  try {
    return putAt(parsePath(resultPath as string), scope.input, result);
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    throw new StateFailure(
      'States.ResultPathMatchFailure',
      `Unable to apply step "${resultPath}" to input ${JSON.stringify(scope.input)}`,
      true,
    );
  }
};

const assign = (template: Json | undefined, fill: (template: Json) => Json): Readonly<Record<string, Json>> =>
  template === undefined ? {} : (fill(template) as Readonly<Record<string, Json>>);

/** Output and assignments of a catcher. */
export const produceCaught = (node: StateNode, catcher: JsonObject, scope: Scope, errorOutput: Json): StateOutput => {
  if (node.language === 'JSONata') {
    const full: Scope = { ...scope, context: scope.context, errorOutput };
    const output = catcher.Output === undefined ? errorOutput : fillExpressions(catcher.Output, full, 'Output');
    return { output, assigned: assign(catcher.Assign, (template) => fillExpressions(template, full, 'Assign')) };
  }
  return {
    output: place(catcher.ResultPath, scope, errorOutput),
    assigned: assign(catcher.Assign, (template) => fillTemplate(template, withInput(scope, errorOutput))),
  };
};

/** A number that a field states, points to (`…Path`) or computes; `undefined` when the state has none of them. */
export const numberOf = (
  node: StateNode,
  field: string,
  scope: Scope,
  kind: 'integer' | 'float' = 'integer',
): number | undefined => {
  const { fields } = node;
  const path = fields[`${field}Path`];
  if (path !== undefined) {
    const value = lookUpPath(path as string, scope);
    const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && (kind === 'float' || Number.isInteger(number))) return number;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw runtimeFailure(`The ${field}Path field refers to value "${shown}" which is not a valid ${kind}: ${path}`);
  }
  const stated = fields[field];
  if (typeof stated !== 'string' || node.language !== 'JSONata') return stated as number | undefined;
  const value = fillExpressions(stated, scope, field);
  if (typeof value === 'number' && (kind === 'float' || Number.isInteger(value))) return value;
  throw unexpectedType(stated, field, 'number', value);
};

export const unexpectedType = (source: string, field: string, wanted: string, value: Json): EvaluationFailure => {
  const expression = source.replace(/^\{%\s*|\s*%\}$/g, '');
  const is = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return new EvaluationFailure(
    `The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type. ` +
      `Expected '${wanted}', but was '${is}' for value: ${JSON.stringify(value)}`,
    field,
  );
};
