import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { duration, wholeNumber } from '../option-values.ts';
import { recoveryOption } from '../recovery-option.ts';

/** A thousand real files against fifty slots. */
export const blackFriday = () =>
  withAwsOptions(new Command('black-friday'))
    .summary('upload the real vendor files all at once and account for every one of them')
    .description(
      'Uploads real vendor files evenly over a window, follows the pipeline until every one of them has ended, and accounts for each.',
    )
    .option('--files <number>', 'how many files to upload', wholeNumber(1), 1_000)
    .addOption(
      new Option('--window <duration>', 'spread the uploads over so long').default(10_000, '10s').argParser(duration),
    )
    .addOption(
      new Option('--parser-latency <duration>', 'how long the parser takes per file')
        .default(5_000, '5s')
        .argParser(duration),
    )
    .option('--virtual', "let the engine's time jump instead of waiting")
    .option('--copies <number>', 'upload everything so often', wholeNumber(1), 1)
    .option('--fail-vendor <vendor>', 'make the parser throw for this vendor, such as VEND001')
    .addOption(recoveryOption())
    .option('--data <directory>', 'upload <vendor>/<file>.csv from there instead')
    .option('--each', 'print every file')
    .action(async ({ window, parserLatency, virtual, failVendor = '', each, json, ...values }) => {
      const { performBlackFriday } = await import('../black-friday/black-friday.ts');
      await performBlackFriday({
        ...values,
        windowMs: window,
        parserLatencyMs: parserLatency,
        isVirtual: virtual === true,
        failVendor,
        withEach: each === true,
        asJson: json === true,
      });
    });
