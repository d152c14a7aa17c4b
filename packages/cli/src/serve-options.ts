import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import type { FsyncMode, LocalEngineOptions, StandingClockMode } from '@holdfast/local';
import { accountId, hostNames, pageOrigins, portNumber, wholeNumber } from './option-values.ts';

/** As the engine has them, without loading it. */
const FSYNC_MODES = ['never', 'everysec', 'always'] as const satisfies readonly FsyncMode[];

const STANDING_CLOCK_MODES = ['tell', 'fail'] as const satisfies readonly StandingClockMode[];

/** Options of the commands that start an engine. */
export const withServeOptions = <Args extends unknown[], Own extends OptionValues, Global extends OptionValues>(
  command: Command<Args, Own, Global>,
) =>
  command
    .addOption(
      new Option('--port <number>', 'where to listen; 0 takes any free port')
        .env('HOLDFAST_PORT')
        .default(4566)
        .argParser(portNumber),
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--data-dir <directory>', 'where the state is kept (default: .holdfast; env: HOLDFAST_DATA_DIR)')
    .addOption(new Option('--memory', 'keep the state in memory only').conflicts(['dataDir', 'fsync']))
    .addOption(
      new Option('--fsync <mode>', 'when the disk must have what is acknowledged (default: everysec)').choices(
        FSYNC_MODES,
      ),
    )
    .addOption(new Option('--account <id>', 'the account id (default: 000000000000)').argParser(accountId))
    .option('--region <region>', 'the region (default: us-east-1)')
    .addOption(
      new Option('--allow-origin <origin>', 'let web pages of another origin call; may repeat')
        .env('HOLDFAST_ALLOW_ORIGIN')
        .argParser(pageOrigins),
    )
    .addOption(
      new Option('--allow-host <name>', 'answer to another name of this machine; may repeat')
        .env('HOLDFAST_ALLOW_HOST')
        .argParser(hostNames),
    )
    .addOption(
      new Option('--isolation <kind>', 'what Node.js functions run in')
        .choices(['thread', 'process'] as const)
        .default('thread' as const),
    )
    .option('--virtual', 'start in virtual time, which stands still until it is advanced')
    .addOption(
      new Option(
        '--standing-clock <answer>',
        'to who waits for a virtual time that nobody moves (default: tell)',
      ).choices(STANDING_CLOCK_MODES),
    )
    .addOption(new Option('--seed <number>', 'make ids, jitter and order repeatable').argParser(wholeNumber(0)))
    .option('--json', 'print where the engine is as JSON, once it is ready');

/** What the parser makes of those options. */
export interface ServeValues {
  readonly port: number;
  readonly host: string;
  readonly dataDir?: string | undefined;
  readonly memory?: true | undefined;
  readonly fsync?: FsyncMode | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly allowOrigin?: readonly string[] | undefined;
  readonly allowHost?: readonly string[] | undefined;
  readonly isolation: 'thread' | 'process';
  readonly virtual?: true | undefined;
  readonly standingClock?: StandingClockMode | undefined;
  readonly seed?: number | undefined;
}

/** Flags over environment over defaults. */
export const engineOptions = (values: ServeValues, env: NodeJS.ProcessEnv = process.env): LocalEngineOptions => ({
  port: values.port,
  host: values.host,
  dataDir: values.memory === true ? undefined : (values.dataDir ?? env['HOLDFAST_DATA_DIR'] ?? '.holdfast'),
  fsync: values.fsync,
  account: values.account,
  region: values.region,
  allowedOrigins: values.allowOrigin,
  allowedHosts: values.allowHost,
  isolation: values.isolation,
  clock: values.virtual === true ? 'virtual' : undefined,
  standingClock: values.standingClock,
  seed: values.seed,
});
