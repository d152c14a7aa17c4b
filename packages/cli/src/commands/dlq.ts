import { Command } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { wholeNumber } from '../option-values.ts';
import { resolveTarget } from '../target.ts';
import { exportAll, failures, groups, mute, repair, resolve, unmute, why } from './dlq-ledger.ts';
import { cancel, jobs, pause, plan, redrive, rehearse, resume, undo } from './dlq-redrive.ts';

const ls = () =>
  withAwsOptions(new Command('ls'))
    .summary('list dead-letter queues: depth, and who fills them')
    .description(
      'Lists the queues that failures end in: their depth, who fills them, and who reads those with messages in flight.',
    )
    .action(async (values) => {
      const { listQueues } = await import('../failure-queues/list.ts');
      await listQueues(await resolveTarget(values), values.json === true);
    });

const peek = () =>
  withAwsOptions(new Command('peek'))
    .summary('look at messages: what failed, and why')
    .description(
      'Looks at the messages of a queue: what failed, and why. They stay; on AWS each look counts as a receive.',
    )
    .argument('<queue>', "the queue's name or a part of it, its URL or ARN")
    .option('--max <number>', 'look at so many messages at most', wholeNumber(1), 10)
    .action(async (queue, values) => {
      const { peekQueue } = await import('../failure-queues/peek.ts');
      await peekQueue(await resolveTarget(values), queue, values.max, values.json === true);
    });

const show = () =>
  withAwsOptions(new Command('show'))
    .summary('all that is known of one message')
    .description('Shows a message of a queue whole: why it failed, its attributes, its body, and when it is gone.')
    .argument('<queue>', "the queue's name or a part of it, its URL or ARN")
    .argument('<message-id>', 'as peek shows it')
    .action(async (queue, messageId, values) => {
      const { showMessage } = await import('../failure-queues/peek.ts');
      await showMessage(await resolveTarget(values), queue, messageId, values.json === true);
    });

/** Looks at dead-letter queues, and brings back what is in them. */
export const dlq = () =>
  new Command('dlq')
    .summary('dead-letter queues: who fills them, what failed and why, and the way back')
    .description('Looks at dead-letter queues, and brings back what is in them.')
    .addCommand(ls())
    .addCommand(peek())
    .addCommand(show())
    .addCommand(failures())
    .addCommand(groups())
    .addCommand(why())
    .addCommand(exportAll())
    .addCommand(mute())
    .addCommand(unmute())
    .addCommand(resolve())
    .addCommand(repair())
    .addCommand(rehearse())
    .addCommand(plan())
    .addCommand(redrive())
    .addCommand(jobs())
    .addCommand(pause())
    .addCommand(resume())
    .addCommand(cancel())
    .addCommand(undo());
