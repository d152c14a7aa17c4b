import { Command } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { resolveTarget } from '../target.ts';

const ls = () =>
  withAwsOptions(new Command('ls'))
    .summary('list all queues: depth, and where their failures go')
    .description('Lists all queues: how many messages wait, are in flight or delayed, and where failures go.')
    .action(async (values) => {
      const { listAllQueues } = await import('../inventory/queues.ts');
      await listAllQueues(await resolveTarget(values), values.json === true);
    });

/** Queues of every kind. */
export const queues = () =>
  new Command('queues')
    .summary('queues: depth, and where their failures go')
    .description('Looks at queues.')
    .addCommand(ls());
