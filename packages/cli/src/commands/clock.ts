import { Argument, Command } from '@commander-js/extra-typings';
import { withAwsOptions } from '../aws-options.ts';
import { control } from '../control.ts';
import type { ClockState } from '../engine-clock.ts';
import { duration } from '../option-values.ts';
import { print, printJson } from '../output.ts';
import { resolveTarget } from '../target.ts';

const describeClock = ({ mode, now, nextWakeAt, waiting = [] }: ClockState): string =>
  [
    `${now} (${mode}${nextWakeAt === undefined ? '' : `, next work at ${nextWakeAt}`})`,
    ...waiting.map(
      ({ call, since, reason, advance }) =>
        `${call} waits since ${since}: ${reason}${advance === undefined ? '' : ` (--advance ${advance})`}`,
    ),
  ].join('\n');

/** Reads and steers the engine's time. */
export const clock = () =>
  withAwsOptions(new Command('clock'))
    .summary("read the engine's time, switch it to virtual, move it")
    .description(
      "Shows the engine's time. In virtual mode it stands still until it is advanced; what falls due on the way happens, functions included.",
    )
    .addArgument(new Argument('[mode]', 'the mode to switch to').choices(['live', 'virtual'] as const))
    .option('--advance <duration>', 'let this much time pass at once, such as PT5M or 14d', (text) => {
      duration(text);
      return text;
    })
    .action(async (mode, { advance, ...values }) => {
      const target = await resolveTarget(values, { saysClock: false });
      const state =
        mode === undefined && advance === undefined
          ? await control<ClockState>(target, 'GET', 'clock')
          : await control<ClockState>(target, 'POST', 'clock', { mode, advance });
      if (values.json === true) printJson(state);
      else print(describeClock(state));
    });
