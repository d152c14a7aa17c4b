import { LocalEngine, type LocalEngineOptions } from '@holdfast/local';
import { mountConsole } from './console/mount.ts';
import { warnWhenOpen } from './open-port.ts';
import { note, print } from './output.ts';
import { standstill } from './target.ts';

/** Where the state is, in words. */
export const stateOf = ({ dataDir }: LocalEngineOptions): string => dataDir ?? 'in memory only';

/** Waits for Ctrl-C or SIGTERM, then closes the engine; a second Ctrl-C does not wait. */
export const runUntilStopped = async (engine: LocalEngine, options: LocalEngineOptions): Promise<void> => {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve();
        process.once(signal, () => process.exit(130));
      });
    }
  });
  note(
    options.dataDir === undefined
      ? 'stopping; the state was in memory only and goes'
      : `stopping; the state stays in ${options.dataDir} for next time`,
  );
  await engine.close();
};

/** One line for scripts, once the engine is ready. */
export const printReady = (engine: LocalEngine, options: LocalEngineOptions, more: object = {}): void =>
  print(
    JSON.stringify({ endpoint: engine.endpoint, dataDir: options.dataDir ?? null, clock: engine.clock(), ...more }),
  );

/** Says when time stands still, as it does after a start in virtual time and after a restart of an engine that was. */
export const noteStandstill = (engine: LocalEngine): void => {
  const clock = engine.clock();
  if (clock.mode === 'virtual') note(standstill(clock));
};

/** The engine alone, until it is stopped. */
export const serveEngine = async (options: LocalEngineOptions, asJson = false): Promise<void> => {
  const engine = await LocalEngine.start({ ...options, note });
  mountConsole(engine, options);
  warnWhenOpen(options.host, engine.endpoint);
  note(`engine at ${engine.endpoint}, state ${stateOf(options)}; Ctrl-C stops it`);
  noteStandstill(engine);
  if (asJson) printReady(engine, options);
  await runUntilStopped(engine, options);
};
