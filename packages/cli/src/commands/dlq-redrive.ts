import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { collect, duration, ratePerSecond, share, wholeNumber } from '../option-values.ts';
import { resolveTarget } from '../target.ts';

/** Brings messages back to where they came from. */
export const redrive = () =>
  withAwsOptions(new Command('redrive'))
    .summary('bring messages back to where they came from, or to a place you name')
    .description(
      'Brings messages back: says first what would happen, then sends, confirms and deletes, message by message. Each step is written to an audit log before the next, so that a command that dies loses nothing; called again, it goes on. Ctrl-C pauses.',
    )
    .argument('<queue>', "the queue's name or a part of it, its URL or ARN")
    .option(
      '--to <destination>',
      'a queue, function, topic, bus or stream: its ARN, or the name of a queue or function',
    )
    .addOption(
      new Option('--rate <number/s>', 'send so many a second, minute or hour: 50/s, 10/m')
        .default(50, '50/s')
        .argParser(ratePerSecond),
    )
    .option('--max <number>', 'move so many at most', wholeNumber(1))
    .option('--canary <number>', 'move so many first, then watch what comes back', wholeNumber(1))
    .option(
      '--watch <duration>',
      'how long to watch after the canary and after the last (default: 30s with --canary)',
      duration,
    )
    .addOption(
      new Option('--stop-share <share>', 'stop when a larger share of what was moved comes back')
        .default(0.1, '10%')
        .argParser(share),
    )
    .option(
      '--filter <field=text>',
      'only those whose error, condition, about or id contains the text; may repeat',
      collect,
    )
    .option('--where <path=value>', 'only those with this value at this path of the JSON body; may repeat', collect)
    .option('--dry-run', 'only say what would happen')
    .option('--yes', 'do not ask')
    .option('--audit <file>', 'where the audit log is (default: .holdfast/audit/redrive.jsonl; env: HOLDFAST_DATA_DIR)')
    .action(async (queue, values) => {
      const { redriveQueue } = await import('../redrive/redrive-queue.ts');
      await redriveQueue(await resolveTarget(values), queue, {
        to: values.to,
        perSecond: values.rate,
        max: values.max,
        canary: values.canary ?? 0,
        watchMs: values.watch ?? (values.canary === undefined ? 0 : 30_000),
        cameBackShareMax: values.stopShare,
        filters: values.filter ?? [],
        wheres: values.where ?? [],
        isDryRun: values.dryRun === true,
        isAgreed: values.yes === true,
        auditFile: values.audit,
        asJson: values.json === true,
      });
    });
