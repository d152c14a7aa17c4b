import type { Command, OptionValues } from '@commander-js/extra-typings';
import type { RedriveRequest } from '@holdfast/ledger';
import { collect } from '../option-values.ts';

/** The option that every search for failures has. */
export const WHERE = [
  '--where <path=value>',
  'only those with this value at this path of the JSON body; may repeat',
] as const;

/** Options that say which messages of a queue are meant. */
export const withSelection = <Args extends unknown[], Own extends OptionValues, Global extends OptionValues>(
  command: Command<Args, Own, Global>,
) =>
  command
    .option(
      '--filter <field=text>',
      'only those whose error, condition, about or id contains the text; may repeat',
      collect,
    )
    .option(...WHERE, collect)
    .option('--group <fingerprint>', 'only those of this group, as groups --json shows it');

export interface SelectionValues {
  readonly filter?: readonly string[] | undefined;
  readonly where?: readonly string[] | undefined;
  readonly group?: string | undefined;
}

export const selectionOf = ({
  filter = [],
  where = [],
  group,
}: SelectionValues): Pick<RedriveRequest, 'filters' | 'wheres' | 'fingerprint'> => ({
  filters: filter,
  wheres: where,
  ...(group === undefined ? {} : { fingerprint: group }),
});
