import { Command, Option } from '@commander-js/extra-typings';
import { keyAndValue } from '../option-values.ts';
import { recoveryOption } from '../recovery-option.ts';
import { engineOptions, withServeOptions } from '../serve-options.ts';
import { STACK_CHOICES } from '../stack-name.ts';

/** The engine and stacks on it: what `npm start` runs. */
export const up = () =>
  withServeOptions(new Command('up'))
    .summary('start the engine and deploy a stack to it: the vendor onboarding pipeline, another, or your own')
    .description(
      'Starts the engine, deploys the stack VendorOnboarding, or what is named, and serves all of it until Ctrl-C.',
    )
    .addOption(
      new Option('--stack <name>', 'which of the prepared stacks (default: VendorOnboarding)').choices([
        ...STACK_CHOICES,
        'all',
      ] as const),
    )
    .option('--app <directory>', 'deploy what "cdk synth" wrote into a directory, such as cdk.out')
    .option('--template <file>', 'deploy a CloudFormation or SAM template, JSON or YAML')
    .addOption(new Option('--stack-name <name>', 'the name of its stack (default: the name of the file)'))
    .addOption(
      new Option('--parameter <key=value>', 'a parameter of your own stack; may repeat').argParser(keyAndValue),
    )
    .addOption(recoveryOption().default('schedule' as const))
    .action(async (values) => (await import('../up.ts')).serveStacks(engineOptions(values), values));
