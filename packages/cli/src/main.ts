#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { enableCompileCache } from 'node:module';
import { CommandError, EXIT } from './exit-code.ts';
import { note } from './output.ts';
import { run } from './program.ts';

// Compiled code and stripped types are kept between runs: the second start takes half the time of the first.
enableCompileCache();

// `holdfast logs … | head` ends when the reader has had enough; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  // A command that ran to its end but found something has set the code itself.
  process.exitCode = (await run(process.argv.slice(2))) ?? process.exitCode ?? EXIT.ok;
} catch (error) {
  const { message, exitCode } =
    error instanceof CommandError ? error : await (await import('./explain-error.ts')).explainError(error);
  note(`holdfast: ${message}`);
  if (process.env['HOLDFAST_DEBUG'] !== undefined) console.error(error);
  process.exitCode = exitCode;
}
