import { InvalidInputError } from '@holdfast/kernel';
import type { RedriveRequest, Rehearsal } from '@holdfast/ledger';
import { CommandError, EXIT } from '../exit-code.ts';
import { print, printJson } from '../output.ts';
import { findDestination } from '../redrive/find-destination.ts';
import { findSource } from '../redrive/find-source.ts';
import { openOperations } from '../redrive/open-operations.ts';
import type { Target } from '../target.ts';

const MARKS = { succeeded: 'ok     ', failed: 'FAILED ', 'not run': 'not run' } as const;

const rehearsalText = ({ messages, succeeded, failed, notRun, notes }: Rehearsal): string =>
  [
    ...messages.map(({ messageId, outcome, error, repaired, effects }) =>
      [
        MARKS[outcome],
        messageId,
        ...(repaired ? ['repaired'] : []),
        ...(error === '' ? [] : [error]),
        ...(effects.length === 0 ? [] : [`(${effects.join(', ')})`]),
      ].join(' '),
    ),
    ...notes.map((note) => `note    ${note}`),
    `${succeeded} would succeed, ${failed} would fail again, ${notRun} not run; nothing left the rehearsal`,
  ].join('\n');

/** Says what would become of dead letters if they were brought back now; changes nothing. */
export const showRehearsal = async (
  target: Target,
  named: string,
  words: Omit<RedriveRequest, 'from'> & { readonly sample: number },
  asJson: boolean,
): Promise<void> => {
  const { sample, to, ...request } = words;
  const operations = await openOperations(target, undefined);
  try {
    const rehearsal = await operations.rehearse({
      max: sample,
      request: {
        ...request,
        from: await findSource(target, named),
        ...(to === undefined ? {} : { to: await findDestination(target, to) }),
      },
    });
    if (asJson) printJson(rehearsal);
    else print(rehearsalText(rehearsal));
    if (rehearsal.failed > 0 || rehearsal.notRun > 0) process.exitCode = EXIT.findings;
  } catch (error) {
    if (error instanceof InvalidInputError) throw new CommandError(error.message, EXIT.usage, { cause: error });
    throw error;
  }
};
