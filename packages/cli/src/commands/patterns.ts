import { Command, Option } from '@commander-js/extra-typings';
import { duration, outputFile, share, wholeNumber } from '../option-values.ts';

const dlqReplay = () =>
  new Command('dlq-replay')
    .summary('the run of the pattern with a retry queue: what ends in the dead-letter queue')
    .description(
      'Sends a burst through the stack DlqReplay in virtual time, with partial batch responses and with whole batches of several sizes, and counts what ends in the dead-letter queue.',
    )
    .option('--messages <number>', 'messages of the burst', wholeNumber(1, 1_000_000), 89)
    .option('--bad <number>', 'how many of them can never be processed', wholeNumber(0), 4)
    .option(
      '--batch-sizes <numbers>',
      'sizes of whole batches to try, with commas; 0 for none',
      batchSizes,
      [1, 2, 5, 10],
    )
    .option('--seed <number>', 'draws which messages are bad and who shares a batch with whom', wholeNumber(0), 1)
    .option('--seeds <number>', 'runs of each batch size, from that seed on', wholeNumber(1, 100), 1)
    .option('--chart <file>', 'write the plot of the batch sizes, SVG', outputFile)
    .option('--json', 'print the result as JSON')
    .action(async (values, command) => {
      if (values.bad > values.messages) command.error(`holdfast: --bad: ${values.bad} must not be above --messages`);
      const { runDlqReplay } = await import('../patterns/dlq-replay.ts');
      process.exitCode = await runDlqReplay({ ...values, batchSizes: values.batchSizes.filter((size) => size > 0) });
    });

const batchSizes = (text: string): number[] => text.split(',').map(wholeNumber(0, 10));

/** Compares the retry patterns. */
export const patterns = () =>
  new Command('patterns')
    .summary('compare the retry patterns on one workload, in virtual time')
    .description(
      'Runs one workload through every retry pattern in virtual time, each with the settings of its stack, and shows what was lost and doubled, how long recovery took, and what it costs. Needs no running engine.',
    )
    .option('--events <number>', 'events of the workload', wholeNumber(1, 100_000), 300)
    .addOption(new Option('--burst <duration>', 'over how long they arrive').argParser(duration).default(120_000, '2m'))
    .option('--failure-rate <share>', 'share of attempts that fail by chance', share, 0.1)
    .option('--poison <share>', 'share of events that can never succeed', share, 0.02)
    .addOption(
      new Option('--outage <duration>', 'how long everything fails, from the middle of the burst')
        .argParser(duration)
        .default(30_000, '30s'),
    )
    .option('--seed <number>', 'draws what fails', wholeNumber(0), 1)
    .option('--report <file>', 'write a page with table and chart, HTML', outputFile)
    .option('--chart <file>', 'write the chart, SVG', outputFile)
    .option('--json', 'print the result as JSON')
    .addCommand(dlqReplay())
    .action(async ({ events, burst, failureRate, poison, outage, seed, ...values }) => {
      const { comparePatterns } = await import('../patterns/compare.ts');
      process.exitCode = await comparePatterns({
        ...values,
        workload: { events, burstMs: burst, failureRate, poisonShare: poison, outageMs: outage, seed },
      });
    });
