import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import type { QueryWords } from '../ledger/failures.ts';
import { collect, duration, wholeNumber } from '../option-values.ts';
import { resolveTarget } from '../target.ts';
import { selectionOf, WHERE, withSelection } from './selection-options.ts';

const STATES = ['new', 'ongoing', 'resolved', 'regressed', 'muted'] as const;

/** The words that say which failures are meant. */
const withQuery = <Name extends string>(name: Name) =>
  withAwsOptions(new Command(name))
    .argument('[queue]', 'only those in this queue: its name or a part of it, its URL or ARN')
    .option('--text <text>', 'only those with this text in error, condition, about, id or body')
    .option(...WHERE, collect)
    .option('--source <name>', 'only those of this source: a part of its name or ARN')
    .option('--from <time>', 'only those last seen then or later, in ISO 8601')
    .option('--until <time>', 'only those last seen before')
    .addOption(new Option('--state <state>', 'only those whose group is in this state').choices(STATES));

interface Values {
  readonly text?: string | undefined;
  readonly where?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly state?: (typeof STATES)[number] | undefined;
}

const wordsOf = (queue: string | undefined, { text, where, source, from, until, state }: Values): QueryWords => ({
  ...(queue === undefined ? {} : { queue }),
  ...(text === undefined ? {} : { text }),
  ...(where === undefined ? {} : { where }),
  ...(source === undefined ? {} : { source }),
  ...(from === undefined ? {} : { from }),
  ...(until === undefined ? {} : { until }),
  ...(state === undefined ? {} : { state }),
});

export const failures = () =>
  withQuery('failures')
    .summary('every failure of every source, youngest first')
    .description('Lists failures wherever they lie: dead-letter queues, failed executions, archived dead letters.')
    .option('--max <number>', 'so many at most', wholeNumber(1, 1_000), 20)
    .action(async (queue, values) => {
      const { listFailures } = await import('../ledger/failures.ts');
      await listFailures(await resolveTarget(values), wordsOf(queue, values), values.max, values.json === true);
    });

export const groups = () =>
  withQuery('groups')
    .summary('what failures have in common')
    .description(
      'Groups failures by source and error: ids, times, files and numbers make no difference, names of fields and status codes do. Own groups go into .holdfast/ledger/rules.json.',
    )
    .action(async (queue, values) => {
      const { groupFailures } = await import('../ledger/failures.ts');
      await groupFailures(await resolveTarget(values), wordsOf(queue, values), values.json === true);
    });

export const why = () =>
  withAwsOptions(new Command('why'))
    .summary('why a message failed: its story, its log lines, and the way back')
    .description(
      'Tells all that is known of one failure: what was tried, log lines that name it, what is odd in its body, where it would go back to.',
    )
    .argument('<message>', 'the id of a message or failure, as failures, groups or peek show it')
    .action(async (named, values) => {
      const { explainFailure } = await import('../ledger/failures.ts');
      await explainFailure(await resolveTarget(values), named, values.json === true);
    });

export const exportAll = () =>
  withQuery('export')
    .summary('write failures out, a line of JSON each')
    .description('Writes failures out with all that is known of them, a line of JSON each.')
    .action(async (queue, values) => {
      const { exportFailures } = await import('../ledger/failures.ts');
      await exportFailures(await resolveTarget(values), wordsOf(queue, values));
    });

const group = ['<group>', 'the key of a group, or the id of one of its failures'] as const;

export const mute = () =>
  withAwsOptions(new Command('mute'))
    .summary('keep a group quiet for a time, or up to a number')
    .description('Mutes a group until a time or up to a number of failures. None is muted for ever.')
    .argument(...group)
    .option('--for <duration>', 'so long', duration)
    .option('--up-to <number>', 'until it has more failures than that', wholeNumber(1))
    .requiredOption('--reason <text>', 'why')
    .action(async (named, values) => {
      if (values.for === undefined && values.upTo === undefined) {
        throw new CommandError(
          'say how long by --for, or up to how many by --up-to: no group is muted for ever',
          EXIT.usage,
        );
      }
      const { markGroup } = await import('../ledger/failures.ts');
      const target = await resolveTarget(values);
      const { nowAt } = await import('../control.ts');
      await markGroup(target, named, {
        reason: values.reason,
        ...(values.for === undefined ? {} : { until: new Date((await nowAt(target)) + values.for).toISOString() }),
        ...(values.upTo === undefined ? {} : { untilFailures: values.upTo }),
      });
    });

const marks = (name: 'resolve' | 'unmute', mark: 'resolved' | 'unmuted', summary: string, description: string) =>
  withAwsOptions(new Command(name))
    .summary(summary)
    .description(description)
    .argument(...group)
    .action(async (named, values) => {
      const { markGroup } = await import('../ledger/failures.ts');
      await markGroup(await resolveTarget(values), named, mark);
    });

export const resolve = () =>
  marks(
    'resolve',
    'resolved',
    'say that a group is mended',
    'Says that a group is mended: what comes after that has regressed.',
  );

export const unmute = () =>
  marks('unmute', 'unmuted', 'let a muted group speak again', 'Lets a muted group speak again.');

export const repair = () =>
  withSelection(withAwsOptions(new Command('repair')))
    .summary('what a repair would do, message by message')
    .description(
      'Runs the tests of a repair and shows what it would change in each message, value by value; changes nothing. "redrive --repair" sends what was repaired.',
    )
    .argument('<queue>', "a queue's name or a part of it, its URL or ARN; s3://bucket/prefix of archived ones")
    .argument('<file>', 'the repair: JSON with name, when, steps, tests')
    .option('--max <number>', 'so many messages at most', wholeNumber(1), 100)
    .action(async (queue, file, values) => {
      const { showRepair } = await import('../ledger/repair-preview.ts');
      const request = { max: values.max, ...selectionOf(values) };
      await showRepair(await resolveTarget(values), queue, file, request, values.json === true);
    });
