import type { LocalEngine } from '@holdfast/local';
import { note } from './output.ts';

/** Waits for Ctrl-C or SIGTERM, then closes the engine; a second Ctrl-C does not wait. */
export const runUntilStopped = async (engine: LocalEngine): Promise<void> => {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(130));
      });
    }
  });
  note('stopping; the state stays for next time');
  await engine.close();
};
