import { Command } from '@commander-js/extra-typings';
import { engineOptions, withServeOptions } from '../serve-options.ts';

/** The engine alone. */
export const serve = () =>
  withServeOptions(new Command('serve'))
    .summary('start the engine alone: a local AWS on one port')
    .description('Starts the engine alone, a local AWS on one port, until Ctrl-C.')
    .action(async (values) => (await import('../engine-process.ts')).serveEngine(engineOptions(values), values.json));
