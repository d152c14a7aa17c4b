import { Command } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { resolveTarget } from '../target.ts';

const ls = () =>
  withAwsOptions(new Command('ls'))
    .summary('list functions: runtime, limits, and where failures go')
    .description('Lists functions: runtime, time limit, reserved concurrency, and where failures of events go.')
    .action(async (values) => {
      const { listFunctions } = await import('../inventory/functions.ts');
      await listFunctions(await resolveTarget(values), values.json === true);
    });

const invoke = () =>
  withAwsOptions(new Command('invoke'))
    .summary('invoke a function and show what it answers')
    .description('Invokes a function, waits, and shows its answer. A function that fails ends the command with 1.')
    .argument('<function>', "the function's name or ARN, or an ending or part of its name")
    .argument('[event]', 'the event as JSON', '{}')
    .option('--event', 'do not wait: hand it over as an event, with all its retries')
    .action(async (name, event, values) => {
      const { invokeFunction } = await import('../inventory/functions.ts');
      await invokeFunction(await resolveTarget(values), name, event, values.event === true);
    });

/** Functions. */
export const functions = () =>
  new Command('functions')
    .summary('functions: list, invoke')
    .description('Looks at functions and invokes them.')
    .addCommand(ls())
    .addCommand(invoke());
