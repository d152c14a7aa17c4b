import { format } from 'node:util';
import { asError, errorText } from './errors.ts';
import type { Generation } from './generation.ts';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
type Level = (typeof LEVELS)[number];

export interface ConsoleOptions {
  readonly generation: Generation;
  readonly isJson: boolean;
  readonly leastLevel: string | undefined;
  readonly now: () => string;
  /** Of the invocation that runs or ran last; what stands there before the first is the client's business. */
  readonly requestId: () => string | undefined;
  /** One log event, line breaks included. */
  readonly write: (event: string) => void;
}

/** Writes an error that ends an invocation or the initialisation. */
export type ErrorLog = (what: string, thrown: unknown) => void;

const membersOf = (error: Error): object => ({
  errorType: error.constructor?.name ?? 'UnknownError',
  errorMessage: error.message,
  stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
});
const showErrors = (_: string, value: unknown): unknown =>
  value instanceof Error ? { ...membersOf(value), ...value } : value;

/** One value stays what it is; several become one text, and the first error among them is shown beside it. */
const jsonEvent = (head: object, parts: readonly unknown[]): string => {
  const [first, ...rest] = parts;
  if (rest.length === 0) {
    try {
      return JSON.stringify({ ...head, message: first }, showErrors);
    } catch {
      return JSON.stringify({ ...head, message: format(first) });
    }
  }
  const error = rest.find((part) => part instanceof Error);
  return JSON.stringify({ ...head, message: format(...parts), ...(error === undefined ? {} : membersOf(error)) });
};

/** Gives `console` Lambda's lines: time, request id, level, message, by tabs or as JSON. */
export const patchConsole = (options: ConsoleOptions): ErrorLog => {
  const { isJson, now, requestId, write } = options;
  const least = Math.max(0, LEVELS.indexOf(options.leastLevel?.toUpperCase() as Level));
  const log = (level: Level, parts: unknown[]): void => {
    if (isJson) write(jsonEvent({ timestamp: now(), level, requestId: requestId() }, parts));
    else write(`${now()}\t${requestId()}\t${level}\t${format(...parts)}`);
  };
  const methods = console as unknown as Record<string, (message?: unknown, ...parts: unknown[]) => void>;
  for (const level of LEVELS) {
    const isWritten = LEVELS.indexOf(level) >= least || level === 'FATAL';
    methods[level.toLowerCase()] = isWritten ? (message, ...parts) => log(level, [message, ...parts]) : () => {};
  }
  methods['log'] = methods['info'] as () => void;
  return (what, thrown) => {
    const error = asError(thrown, options.generation);
    if (isJson) console.error(error);
    else console.error(what, errorText(error));
  };
};
