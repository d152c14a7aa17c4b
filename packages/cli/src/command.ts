import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { CommandError, EXIT, type ExitCode } from './exit-code.ts';

/** One subcommand: what it is called, how to call it, what it does. */
export interface Command {
  readonly usage: string;
  readonly summary: string;
  run(words: readonly string[]): Promise<ExitCode>;
}

/** Options that every command which talks to AWS understands, with AWS's own names. */
export const AWS_OPTIONS = {
  'endpoint-url': { type: 'string' },
  region: { type: 'string' },
  profile: { type: 'string' },
  json: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/** Reads a command's words; a wrong word ends in usage and exit code 2. */
export const readOptions = <Options extends ParseArgsOptionsConfig>(
  words: readonly string[],
  options: Options,
  usage: string,
) => {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\nusage: ${usage}`, EXIT.usage);
  }
};

/** A whole number of at least `min`. */
export const readCount = (option: string, text: string | undefined, fallback: number, min = 1): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min) {
    throw new CommandError(`--${option}: "${text}" must be a whole number of at least ${min}`, EXIT.usage);
  }
  return value;
};
