import { Command, Option } from '@commander-js/extra-typings';
import { MINUTE_MS } from '@holdfast/kernel';
import { withAwsOptions } from '../aws-options.ts';
import { durationFrom, wholeNumber } from '../option-values.ts';
import { resolveTarget } from '../target.ts';

/** Tells what a month costs on AWS, from what was measured. */
export const cost = () =>
  withAwsOptions(new Command('cost'))
    .summary('what a month on AWS costs, from measured counts')
    .description('Tells what a month on AWS costs at list prices, from what CloudWatch counted here or there.')
    .addOption(
      new Option('--since <duration>', 'measure so much of the past, such as 10m, 2h, 1d')
        .default(3_600_000, '1h')
        // CloudWatch counts by the minute.
        .argParser(durationFrom(MINUTE_MS)),
    )
    .addOption(
      new Option(
        '--requests <number>',
        'for so many requests of HTTP APIs a month, instead of the measured rate',
      ).argParser(wholeNumber(1)),
    )
    .action(async (values) => {
      const { showCost } = await import('../cost/show-cost.ts');
      await showCost(await resolveTarget(values, { saysClock: false }), {
        sinceMs: values.since,
        requests: values.requests,
        asJson: values.json === true,
      });
    });
