import type { Json } from '../../../core/index.ts';
import { StateFailure } from './errors.ts';
import { intrinsics } from './intrinsic-functions.ts';
import { type JsonPath, PathSyntaxError, parsePath } from './json-path-syntax.ts';
import { TextReader } from './text-reader.ts';
import type { LanguageTools } from './tools.ts';

/** `States.Format('{} of {}', $.done, States.ArrayLength($.all))` and the like. */
export interface IntrinsicCall {
  readonly name: string;
  readonly arguments: readonly IntrinsicArgument[];
}

export type IntrinsicArgument =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: JsonPath }
  | { readonly kind: 'call'; readonly call: IntrinsicCall };

const NESTING_MAX = 10;

export const parseIntrinsic = (text: string): IntrinsicCall => {
  const reader = new TextReader(text, (what) => new PathSyntaxError(`${what} in ${text}`));
  reader.skipSpace();
  const call = readCall(reader, 1);
  reader.skipSpace();
  if (!reader.isAtEnd) throw reader.failure(`unexpected ${reader.peek()}`);
  return call;
};

export const isIntrinsic = (text: string): boolean => {
  try {
    parseIntrinsic(text);
    return true;
  } catch {
    return false;
  }
};

const readCall = (reader: TextReader, depth: number): IntrinsicCall => {
  if (depth > NESTING_MAX) throw reader.failure('more than ten nested calls');
  const name = reader.takeMatch(/States\.[A-Za-z0-9]+/y);
  if (name === undefined || !Object.hasOwn(intrinsics, name)) throw reader.failure('an intrinsic function is missing');
  reader.skipSpace();
  reader.expect('(');
  const parameters: IntrinsicArgument[] = [];
  reader.skipSpace();
  while (!reader.take(')')) {
    if (parameters.length > 0) reader.expect(',');
    reader.skipSpace();
    parameters.push(readArgument(reader, depth));
    reader.skipSpace();
  }
  return { name, arguments: parameters };
};

const readArgument = (reader: TextReader, depth: number): IntrinsicArgument => {
  const next = reader.peek();
  if (next === "'") return { kind: 'value', value: readString(reader) };
  if (next === '$') {
    // A path ends at a comma or bracket that is not inside brackets or quotes of its own.
    const text =
      reader.takeMatch(/\$(?:\[(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\]'"])*\]|\(\)|[^,()[\]\s])*/y) ?? '$';
    return { kind: 'path', path: parsePath(text) };
  }
  if (next === 'S') return { kind: 'call', call: readCall(reader, depth + 1) };
  const literal = reader.takeMatch(/true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
  if (literal === undefined) throw reader.failure('an argument is missing');
  return { kind: 'value', value: JSON.parse(literal) as Json };
};

/** Single quotes; `\'`, `\\`, `\{` and `\}` are escapes (the latter two are read by `States.Format`). */
const readString = (reader: TextReader): string => {
  const literal = reader.takeMatch(/'(?:\\[\s\S]|[^'\\])*'/y);
  if (literal === undefined) throw reader.failure('a string does not end');
  if (/\\[^'{}\\]/.test(literal.replaceAll('\\\\', ''))) throw reader.failure('an escape is not allowed');
  return literal.slice(1, -1);
};

const unescaped = (text: string): string => text.replace(/\\([\s\S])/g, '$1');

/** `resolve` gives what a path leads to. */
export const evaluateIntrinsic = (
  call: IntrinsicCall,
  resolve: (path: JsonPath) => Json,
  tools: LanguageTools,
): Json => {
  const values = call.arguments.map((argument, position): Json => {
    if (argument.kind === 'path') return resolve(argument.path);
    if (argument.kind === 'call') return evaluateIntrinsic(argument.call, resolve, tools);
    const isTemplate = call.name === 'States.Format' && position === 0;
    return typeof argument.value === 'string' && !isTemplate ? unescaped(argument.value) : argument.value;
  });
  try {
    return (intrinsics[call.name] as (typeof intrinsics)[string])(values, tools);
  } catch (error) {
    if (error instanceof StateFailure) throw error;
    throw new StateFailure('States.IntrinsicFailure', (error as Error).message, true);
  }
};
