import { AWS_OPTIONS, type Command, readOptions } from '../command.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { print, printJson } from '../output.ts';
import { control, resolveTarget } from '../target.ts';

interface ClockState {
  readonly mode: string;
  readonly now: string;
  readonly nextWakeAt?: string;
}

const USAGE = 'holdfast clock [live|virtual] [--advance PT5M] [--json]';

/** Reads and steers the engine's time. */
export const clock: Command = {
  usage: USAGE,
  summary: "read the engine's time, switch it to virtual, move it",
  async run(words) {
    const { values, positionals } = readOptions(words, { ...AWS_OPTIONS, advance: { type: 'string' } }, USAGE);
    const [mode, ...rest] = positionals;
    if (rest.length > 0 || (mode !== undefined && mode !== 'live' && mode !== 'virtual')) {
      throw new CommandError(`clock: "${positionals.join(' ')}" must be live or virtual\nusage: ${USAGE}`, EXIT.usage);
    }
    const target = await resolveTarget(values);
    const isChange = mode !== undefined || values.advance !== undefined;
    const state = isChange
      ? await control<ClockState>(target, 'POST', 'clock', { mode, advance: values.advance })
      : await control<ClockState>(target, 'GET', 'clock');
    if (values.json === true) printJson(state);
    else
      print(
        `${state.now} (${state.mode}${state.nextWakeAt === undefined ? '' : `, next work at ${state.nextWakeAt}`})`,
      );
    return EXIT.ok;
  },
};
