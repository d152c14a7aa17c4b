import { createInterface } from 'node:readline/promises';
import { CommandError, EXIT } from './exit-code.ts';

/** Asks somebody at a terminal; where nobody is, `--yes` must have said it. */
export const ask = async (question: string): Promise<void> => {
  if (!process.stdin.isTTY) throw new CommandError(`${question} Say it with --yes`, EXIT.refused);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandError('nothing was done', EXIT.refused);
  } finally {
    terminal.close();
  }
};
