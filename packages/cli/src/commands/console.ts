import { Command, Option } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { portNumber } from '../option-values.ts';
import { resolveTarget } from '../target.ts';

/** The console over AWS, or over whatever engine answers; an engine also has it on its own port. */
export const consoleCommand = () =>
  withAwsOptions(new Command('console'))
    .summary('serve the console in a browser: failures, redrive jobs, queues, executions')
    .description(
      'Serves the console to this machine: every failure, what is lost soonest, and how to bring it back. Read-only until you allow changes in it. An engine has it on its own port, at /_holdfast/console/.',
    )
    .addOption(
      new Option('--port <number>', 'where to listen; 0 takes any free port').default(4567).argParser(portNumber),
    )
    .action(async ({ port, ...values }) => {
      const { serveConsole } = await import('../console/serve.ts');
      await serveConsole(await resolveTarget(values), port, values.json === true);
    });
