import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/** One option as shells complete it. */
export interface OptionWords {
  /** `--port`, and `-f` where there is a short form. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** Its values are paths. */
  readonly isPath: boolean;
  /** Values that it may have; none where any will do. */
  readonly choices: readonly string[];
}

/** What can follow the words of one command. */
export interface CommandWords {
  /** `[]` for the program, `['dlq', 'ls']` for a command of a command. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly OptionWords[];
  /** Values that an argument may have. */
  readonly choices: readonly string[];
}

/** Every command of a program, the program first. */
export const wordsOf = (command: CommandUnknownOpts, path: readonly string[] = []): CommandWords[] => [
  {
    path,
    commands: command.commands.map((below) => ({ name: below.name(), summary: below.summary() })),
    options: command
      .createHelp()
      .visibleOptions(command as never)
      .map(({ short, long, description, required, optional, flags, argChoices = [] }) => ({
        flags: [long, short].filter((flag) => flag !== undefined),
        description,
        takesValue: required || optional,
        isPath: /<(?:directory|file|path)>/.test(flags),
        choices: argChoices,
      })),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  },
  ...command.commands.flatMap((below) => wordsOf(below, [...path, below.name()])),
];
