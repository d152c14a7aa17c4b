import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { httpUrl } from './option-values.ts';

/** Options of every command that talks to AWS or the engine, with AWS's own names. */
export const withAwsOptions = <Args extends unknown[], Own extends OptionValues, Global extends OptionValues>(
  command: Command<Args, Own, Global>,
) =>
  command
    .addOption(
      new Option('--endpoint-url <url>', 'talk to whatever answers there (env: AWS_ENDPOINT_URL)').argParser(httpUrl),
    )
    .addOption(
      new Option('--aws', 'talk to AWS itself, with the credentials of the environment').conflicts('endpointUrl'),
    )
    .option('--profile <name>', 'talk to AWS as this profile of the AWS configuration')
    .option('--region <region>', 'the region (env: AWS_REGION, AWS_DEFAULT_REGION)')
    .option('--json', 'print the result as JSON');
