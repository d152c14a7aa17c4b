#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import { enableCompileCache } from 'node:module';
import type { Command } from './command.ts';
import { CommandError, EXIT, type ExitCode } from './exit-code.ts';
import { note, print } from './output.ts';

// Compiled code and stripped types are kept between runs: the second start takes half the time of the first.
enableCompileCache();

// `holdfast logs … | head` ends when the reader has had enough; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** Each command loads only when it is called: `serve` must not wait for what `up` needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./commands/up.ts')).up,
  serve: async () => (await import('./commands/serve.ts')).serve,
  'black-friday': async () => (await import('./commands/black-friday.ts')).blackFriday,
  dlq: async () => (await import('./commands/dlq.ts')).dlq,
  logs: async () => (await import('./commands/logs.ts')).logs,
  mail: async () => (await import('./commands/mail.ts')).mail,
  clock: async () => (await import('./commands/clock.ts')).clock,
};

const showHelp = async (): Promise<void> => {
  print('Holdfast: no event gets lost.\n');
  for (const load of Object.values(COMMANDS)) {
    const command = await load();
    print(`  ${command.usage}\n      ${command.summary}`);
  }
  print(
    '\nExit codes: 0 ok, 1 findings or partial, 2 usage, 3 refused by a safety rule, 4 not found or no permission, 5 stopped by a breaker.',
  );
};

const run = async (words: readonly string[]): Promise<ExitCode> => {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    await showHelp();
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    throw new CommandError(`"${name}" is no command; known: ${Object.keys(COMMANDS).join(', ')}`, EXIT.usage);
  }
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    print(`usage: ${command.usage}\n${command.summary}`);
    return EXIT.ok;
  }
  return command.run(rest);
};

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommandError) {
    note(`holdfast: ${error.message}`);
    process.exitCode = error.exitCode;
  } else {
    note(`holdfast: ${error instanceof Error ? error.message : String(error)}`);
    if (process.env['HOLDFAST_DEBUG'] !== undefined) console.error(error);
    process.exitCode = EXIT.findings;
  }
}
