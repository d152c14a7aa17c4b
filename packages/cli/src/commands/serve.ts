import { LocalEngine } from '@holdfast/local';
import { type Command, readOptions } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { note } from '../output.ts';
import { runUntilStopped } from '../run-until-stopped.ts';
import { resolveServeOptions, SERVE_OPTIONS, SERVE_USAGE } from '../serve-options.ts';

const USAGE = `holdfast serve ${SERVE_USAGE}`;

/** The engine alone. */
export const serve: Command = {
  usage: USAGE,
  summary: 'start the engine alone: a local AWS on one port',
  async run(words) {
    const { values } = readOptions(words, SERVE_OPTIONS, USAGE);
    const options = resolveServeOptions(values);
    const engine = await LocalEngine.start(options);
    note(`engine at ${engine.endpoint}, state ${options.dataDir ?? 'in memory only'}; Ctrl-C stops it`);
    await runUntilStopped(engine);
    return EXIT.ok;
  },
};
