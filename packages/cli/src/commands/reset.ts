import { Command } from '@commander-js/extra-typings';
import { ask } from '../ask.ts';
import { withAwsOptions } from '../aws-options.ts';
import { control } from '../control.ts';
import { print, printJson } from '../output.ts';
import { resolveTarget } from '../target.ts';

/** Empties an engine. */
export const reset = () =>
  withAwsOptions(new Command('reset'))
    .summary('forget everything an engine holds; its clock stays')
    .description('Forgets everything that an engine holds: queues, messages, functions, objects. Its clock stays.')
    .option('--yes', 'without asking')
    .action(async (values) => {
      const target = await resolveTarget(values, { saysClock: false });
      if (values.yes !== true) await ask(`Forget everything that the engine at ${target.endpoint} holds?`);
      const answer = await control<object>(target, 'POST', 'reset', {});
      if (values.json === true) printJson(answer);
      else print(`the engine at ${target.endpoint} is empty`);
    });
