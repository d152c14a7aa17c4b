import { readFileSync } from 'node:fs';
import { InvalidInputError } from '@holdfast/kernel';
import type { RedriveRequest, RepairPreview } from '@holdfast/ledger';
import { CommandError, EXIT } from '../exit-code.ts';
import { print, printJson } from '../output.ts';
import { findSource } from '../redrive/find-source.ts';
import { openOperations } from '../redrive/open-operations.ts';
import type { Target } from '../target.ts';

const previewText = ({ changed, unchanged, failed, bodies, tests }: RepairPreview): string =>
  [
    ...tests.map(
      ({ name, passed, found }) => `${passed ? 'ok   ' : 'FAIL '} ${name}${found === '' ? '' : `: ${found}`}`,
    ),
    ...bodies.flatMap(({ messageId, diff, error }) => {
      if (error !== undefined) return [`${messageId}: ${error}`];
      return diff.length === 0 ? [] : [messageId, ...diff.map((line) => `  ${line}`)];
    }),
    `${changed} would change, ${unchanged} stay as they are, ${failed} cannot be repaired`,
  ].join('\n');

/** Says what a repair would do to each message; changes nothing. */
export const showRepair = async (
  target: Target,
  named: string,
  file: string,
  words: Omit<RedriveRequest, 'from'> & { readonly max: number },
  asJson: boolean,
): Promise<void> => {
  const { max, ...request } = words;
  const operations = await openOperations(target, undefined);
  try {
    const preview = await operations.repair(
      readFileSync(file, 'utf8'),
      { ...request, from: await findSource(target, named) },
      max,
    );
    if (asJson) printJson(preview);
    else print(previewText(preview));
    if (preview.failed > 0 || preview.tests.some(({ passed }) => !passed)) process.exitCode = EXIT.findings;
  } catch (error) {
    if (error instanceof InvalidInputError) throw new CommandError(error.message, EXIT.usage, { cause: error });
    throw error;
  }
};
