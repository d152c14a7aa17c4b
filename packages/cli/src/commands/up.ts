import { Command } from '@commander-js/extra-typings';
import { recoveryOption } from '../recovery-option.ts';
import { engineOptions, withServeOptions } from '../serve-options.ts';

/** The engine and the pipelines on it: what `npm start` runs. */
export const up = () =>
  withServeOptions(new Command('up'))
    .summary('start the engine and deploy the vendor onboarding pipeline to it')
    .description('Starts the engine, deploys the stack VendorOnboarding to it and serves both until Ctrl-C.')
    .addOption(recoveryOption().default('schedule' as const))
    .action(async (values) =>
      (await import('../up.ts')).serveVendorOnboarding(engineOptions(values), values.recovery, values.json),
    );
