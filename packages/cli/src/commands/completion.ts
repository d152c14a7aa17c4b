import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { SHELLS } from '../completion/scripts.ts';

/** Lets a shell complete commands and options. */
export const completion = (createProgram: () => Promise<CommandUnknownOpts>) =>
  new Command('completion')
    .summary('print a script that lets a shell complete commands and options')
    .description(
      'Prints a script that lets a shell complete commands and options. bash and zsh: "source <(holdfast completion bash)" in the start file.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell) => {
      const [{ completionScript }, { wordsOf }, { print }] = await Promise.all([
        import('../completion/scripts.ts'),
        import('../completion/words.ts'),
        import('../output.ts'),
      ]);
      print(completionScript(shell, wordsOf(await createProgram())).trimEnd());
    });
