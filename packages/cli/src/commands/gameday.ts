import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { wholeNumber } from '../option-values.ts';

const ls = () =>
  new Command('ls')
    .summary('list the game days')
    .description('Lists the game days of the ingestion lab.')
    .option('--json', 'print the result as JSON')
    .action(async ({ json }) => (await import('../gameday/perform.ts')).listGameDays(json === true));

/** Practises failures. */
export const gameday = () =>
  withAwsOptions(new Command('gameday'))
    .summary('practise a failure of the ingestion lab: break it, see it, mend it, and read the report')
    .description(
      'Plays a game day on the stack IngestionLab: normal traffic, a failure, what must be seen of it, the recovery, and proof that every event took effect once. Writes a report with plots. On an engine only; without a running one it starts one of its own.',
    )
    .argument('<name>', 'which one, as "holdfast gameday ls" lists them')
    .option('--virtual', "let the engine's time jump instead of waiting")
    .option('--per-minute <number>', 'orders a minute on a normal day', wholeNumber(1, 6_000), 30)
    .option('--env-name <name>', 'the environment of the lab, as its context has it', 'dev')
    .addOption(new Option('--report <directory>', 'where the report is written (default: .holdfast/gameday/<name>)'))
    .addCommand(ls())
    .action(async (name, { virtual, json, report, ...values }) => {
      const { performGameDay } = await import('../gameday/perform.ts');
      await performGameDay(name, {
        ...values,
        isVirtual: virtual === true,
        report: report ?? `.holdfast/gameday/${name}`,
        asJson: json === true,
      });
    });
