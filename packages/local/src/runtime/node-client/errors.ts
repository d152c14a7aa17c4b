import { types } from 'node:util';
import type { Generation } from './generation.ts';
import type { ReportedError } from './platform.ts';

/** An error of the runtime client itself; its name is the error type that the caller sees. */
export class RuntimeError extends Error {
  constructor(generation: Generation, type: string, message: string, stack?: string) {
    super(message);
    // Lines of the log show it as a member from generation 4 on.
    const isShown = generation === 4;
    Object.defineProperty(this, 'name', { value: `Runtime.${type}`, enumerable: isShown, configurable: true });
    if (stack !== undefined) this.stack = stack;
  }
}

/** The deletion character breaks headers that carry the error. */
const printable = (text: string): string => text.replaceAll('\x7F', '%7F');

const looksLikeError = (value: unknown): value is Error => {
  const { name, message, stack } = (value ?? {}) as Partial<Record<keyof Error, unknown>>;
  return [name, message, stack].every((part) => typeof part === 'string' && part !== '');
};

/** What the caller of the function gets of something that was thrown. */
export const reportOf = (thrown: unknown): ReportedError => {
  try {
    if (types.isNativeError(thrown) || thrown instanceof Error || looksLikeError(thrown)) {
      return {
        errorType: printable(thrown.name),
        errorMessage: printable(thrown.message),
        trace: printable(thrown.stack ?? '').split('\n'),
      };
    }
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
};

/** Members that errors do not show by themselves, then those that somebody gave them. */
const withMembers = (_: string, value: unknown): unknown => {
  if (!(value instanceof Error)) return value;
  const { name: errorType, message: errorMessage, code } = value as NodeJS.ErrnoException;
  const shown: Record<string, unknown> = { errorType, errorMessage, code, ...value };
  if (typeof value.stack === 'string') shown['stack'] = value.stack.split('\n');
  return shown;
};

export const asError = (thrown: unknown, generation: Generation): Error =>
  thrown instanceof Error ? thrown : new Error(generation === 4 ? String(thrown) : (thrown as string | undefined));

/** The error in a line of the text format, behind what happened. */
export const errorText = (error: Error): string => {
  try {
    return `\t${JSON.stringify(error, withMembers)}`;
  } catch {
    return `\t${JSON.stringify(reportOf(error))}`;
  }
};

/**
 * JSON text of a result; nothing is `null`. A function has no JSON text, which AWS's native part refuses.
 *
 * @throws the error that `unserialisable` makes
 */
export const resultText = (result: unknown, unserialisable: () => Error): string => {
  let text: string | undefined;
  try {
    text = JSON.stringify(result === undefined ? null : result);
  } catch {
    throw unserialisable();
  }
  if (text === undefined) throw new TypeError('Wrong arguments');
  return text;
};
