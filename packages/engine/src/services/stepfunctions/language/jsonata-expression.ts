import { seededRandom, TookTooLongError } from '@holdfast/kernel';
import jsonata from 'jsonata';
import type { Json } from '../../../core/index.ts';
import { EvaluationFailure } from './errors.ts';
import { HASH_ALGORITHMS, type HashAlgorithm, hashHex, type LanguageTools } from './tools.ts';

/**
 * JSONata inside `{% … %}`. Version 1 of the library evaluates at once where version 2 answers with promises; the
 * language is the same, and a transition of a state stays within one turn.
 */

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

/** Evaluation steps after which an expression counts as endless. */
const STEPS_MAX = 1_000_000;
/** How long an expression with a slash, which may be a regular expression, may take. */
const REGEX_MS_MAX = 2_000;
const TOO_LONG = 'D1012: the evaluation takes too long';

type Expression = ReturnType<typeof jsonata>;

const compiled = new Map<string, Expression>();
const COMPILED_MAX = 5_000;

/** What stands between `{%` and `%}`; `undefined` when the text is no expression. */
export const expressionIn = (text: string): string | undefined => EXPRESSION.exec(text)?.[1]?.trim();

const compile = (source: string): Expression => {
  let expression = compiled.get(source);
  if (expression === undefined) {
    expression = jsonata(source);
    if (compiled.size >= COMPILED_MAX) compiled.clear();
    compiled.set(source, expression);
  }
  return expression;
};

/** What is wrong with the expression's grammar; `undefined` when nothing is. */
export const syntaxErrorOf = (source: string): string | undefined => {
  try {
    compile(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

const formatting = jsonata('$fromMillis($millisOfNow, $pictureOfNow, $zoneOfNow)');

/** Functions that the library would answer from the machine's clock or chance, and those that Step Functions adds. */
const functionsOf = (tools: LanguageTools, nowMs: number): Record<string, unknown> => {
  let steps = 0;
  return {
    __evaluate_entry: () => {
      steps += 1;
      if (steps > STEPS_MAX) throw new Error(TOO_LONG);
    },
    now: (picture?: string, zone?: string) =>
      formatting.evaluate({}, { millisOfNow: nowMs, pictureOfNow: picture, zoneOfNow: zone }),
    millis: () => nowMs,
    random: (seed?: number) => (seed === undefined ? tools.random : seededRandom(seed)).nextUnit(),
    shuffle: (items?: readonly unknown[]) => shuffled(items, tools),
    uuid: () => tools.ids.uuid(),
    partition: (items: readonly unknown[] | undefined, size: number) => {
      if (items === undefined) return undefined;
      const list = Array.isArray(items) ? items : [items];
      return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
    },
    range: (first: number, last: number, step: number) => {
      const count = Math.max(0, Math.floor((last - first) / step) + 1);
      if (!(count <= 1_000)) throw new Error('$range gives at most 1000 items');
      // A single value is a value, as everywhere in the language.
      return count === 1 ? first : Array.from({ length: count }, (_, at) => first + at * step);
    },
    hash: (data: unknown, algorithm: string) => {
      if (!HASH_ALGORITHMS.includes(algorithm as HashAlgorithm)) throw new Error(`no such algorithm: ${algorithm}`);
      return hashHex(tools, algorithm as HashAlgorithm, typeof data === 'string' ? data : JSON.stringify(data));
    },
    parse: (text?: string) => (text === undefined ? undefined : (JSON.parse(text) as unknown)),
    eval: undefined,
  };
};

const shuffled = (items: readonly unknown[] | undefined, tools: LanguageTools): unknown => {
  if (items === undefined) return undefined;
  const list = [...items];
  for (let at = list.length - 1; at > 0; at--) {
    const other = tools.random.nextInt(at + 1);
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
};

export interface JsonataScope {
  readonly states: Json;
  readonly variables: Readonly<Record<string, Json>>;
  readonly tools: LanguageTools;
  readonly nowMs: number;
}

/** @throws EvaluationFailure whose cause does not name the state yet */
export const evaluateExpression = (source: string, scope: JsonataScope, location: string): Json => {
  const about = `The JSONata expression '${source}' specified for the field '${location}'`;
  let result: unknown;
  try {
    const expression = compile(source);
    const bindings = { ...functionsOf(scope.tools, scope.nowMs), ...scope.variables, states: scope.states };
    const evaluate = (): unknown => expression.evaluate({}, bindings);
    // Steps are counted, but one step can be a regular expression that tries for hours.
    result = source.includes('/') ? scope.tools.briefly(REGEX_MS_MAX, evaluate) : evaluate();
  } catch (error) {
    if (error instanceof TookTooLongError) {
      throw new EvaluationFailure(`${about} threw an error during evaluation. ${TOO_LONG}`, location);
    }
    const { code, message } = error as { code?: string; message: string };
    const text = code === undefined ? message : `${code}: ${message}`;
    throw new EvaluationFailure(`${about} threw an error during evaluation. ${text}`, location);
  }
  if (result === undefined) throw new EvaluationFailure(`${about} returned nothing (undefined).`, location);
  if (isFunction(result)) throw new EvaluationFailure(`${about} returned an unsupported result type.`, location);
  return plain(result);
};

/** Lambdas of the language are marked objects, native ones wrapped or plain functions. */
const isFunction = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' && value !== null && ('_jsonata_lambda' in value || '_jsonata_function' in value));

/** Without the marks that the library leaves on its lists. */
const plain = (value: unknown): Json => {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object') return value as Json;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && !isFunction(member));
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
};
