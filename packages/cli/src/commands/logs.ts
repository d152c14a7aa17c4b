import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { duration } from '../option-values.ts';
import { resolveTarget } from '../target.ts';

/** Shows what a function wrote, and with `-f` what it goes on to write. */
export const logs = () =>
  withAwsOptions(new Command('logs'))
    .summary("show a function's log, -f follows it")
    .description('Shows what a function wrote, and with -f what it goes on to write.')
    .argument('<function>', "the function's name or ARN, or a log group")
    .option('-f, --follow', 'go on showing what is written, until Ctrl-C')
    .addOption(
      new Option('--since <duration>', 'begin so long ago, such as 30s, 10m, 2h, 1d')
        .default(600_000, '10m')
        .argParser(duration),
    )
    .option('--filter <pattern>', 'show only lines that match this CloudWatch Logs filter pattern')
    .action(async (name, values) => {
      const { showLogs } = await import('../show-logs.ts');
      await showLogs(await resolveTarget(values), name, {
        isFollowing: values.follow === true,
        sinceMs: values.since,
        filterPattern: values.filter,
        asJson: values.json === true,
      });
    });
