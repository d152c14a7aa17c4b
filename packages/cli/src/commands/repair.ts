import { Command } from '@commander-js/extra-typings';

/** Makes a damaged data directory one that can be opened. */
export const repair = () =>
  new Command('repair')
    .summary('keep what is sound of a damaged data directory, and list what is lost')
    .description(
      'Writes what is sound in a damaged data directory anew, keeps everything as it was aside, and lists what is lost, resource by resource. A directory that is not damaged is left as it is. No engine may be using it.',
    )
    .option('--data-dir <directory>', 'where the state is kept (default: .holdfast; env: HOLDFAST_DATA_DIR)')
    .option('--json', 'print the report as JSON')
    .action(async ({ dataDir, json }) => {
      const { repairDataDirectory } = await import('../repair.ts');
      const directory = dataDir ?? process.env['HOLDFAST_DATA_DIR'] ?? '.holdfast';
      process.exitCode = repairDataDirectory(directory, json === true);
    });
