import { readFileSync } from 'node:fs';
import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { EXIT, type ExitCode } from './exit-code.ts';

/**
 * Every command: its name, and the file that describes it. A file of `commands/` says which words its command takes and
 * imports what does the work only when the command runs: `serve` must not wait for what `up` needs.
 */
const COMMANDS: Readonly<Record<string, () => Promise<CommandUnknownOpts>>> = {
  up: async () => (await import('./commands/up.ts')).up(),
  serve: async () => (await import('./commands/serve.ts')).serve(),
  'black-friday': async () => (await import('./commands/black-friday.ts')).blackFriday(),
  patterns: async () => (await import('./commands/patterns.ts')).patterns(),
  gameday: async () => (await import('./commands/gameday.ts')).gameday(),
  dlq: async () => (await import('./commands/dlq.ts')).dlq(),
  audit: async () => (await import('./commands/audit.ts')).audit(),
  queues: async () => (await import('./commands/queues.ts')).queues(),
  functions: async () => (await import('./commands/functions.ts')).functions(),
  logs: async () => (await import('./commands/logs.ts')).logs(),
  mail: async () => (await import('./commands/mail.ts')).mail(),
  cost: async () => (await import('./commands/cost.ts')).cost(),
  console: async () => (await import('./commands/console.ts')).consoleCommand(),
  clock: async () => (await import('./commands/clock.ts')).clock(),
  reset: async () => (await import('./commands/reset.ts')).reset(),
  repair: async () => (await import('./commands/repair.ts')).repair(),
  completion: async () => (await import('./commands/completion.ts')).completion(() => createProgram()),
};

const EXIT_CODES = `
Results go to stdout, progress to stderr. Exit codes: 0 ok, 1 findings or partial, 2 usage,
3 refused by a safety rule, 4 not found or no permission, 5 stopped by a breaker.`;

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** `holdfast dlq ls`: how the command is called. */
const pathOf = (command: CommandUnknownOpts): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

/** A command made in a file of its own takes over how the program ends and speaks, and all that are below it. */
const adopt = (parent: CommandUnknownOpts, command: CommandUnknownOpts): void => {
  command.copyInheritedSettings(parent);
  command.showHelpAfterError(`("${pathOf(command)} --help" shows how it is called)`);
  for (const below of command.commands) adopt(command, below);
};

/** The program, with all commands or with the one that is asked for. */
export const createProgram = async (only?: string): Promise<CommandUnknownOpts> => {
  const program = new Command('holdfast')
    .description('Holdfast: no event gets lost.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show how it is called')
    .helpCommand('help [command]', 'show how a command is called')
    .addHelpText('after', EXIT_CODES)
    // What stands behind a command is for it: `patterns` and `patterns dlq-replay` both have --json.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'holdfast: ')) })
    .showHelpAfterError('("holdfast --help" lists the commands)');
  const names = only === undefined ? Object.keys(COMMANDS) : [only];
  for (const name of names) {
    const command = await (COMMANDS[name] as () => Promise<CommandUnknownOpts>)();
    program.addCommand(command);
    adopt(program, command);
  }
  return program;
};

/**
 * Runs what the words ask for. Wrong words have been explained when this returns {@link EXIT.usage}; what goes wrong later
 * is thrown. Only the command that is named is loaded: help, corrections and completion need all of them.
 */
export const run = async (words: readonly string[]): Promise<ExitCode | undefined> => {
  const [name = ''] = words;
  const program = await createProgram(Object.hasOwn(COMMANDS, name) ? name : undefined);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
};
