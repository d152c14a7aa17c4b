import { note } from './output.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Somebody wants the command to end. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  /** As shells count: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: keyof typeof SIGNALS) {
    super(`stopped by ${signal}`);
    this.exitCode = SIGNALS[signal];
  }
}

/**
 * Runs `work` with a signal that comes with Ctrl-C, SIGTERM or a terminal that goes, so that it can put back what it has
 * changed. Who asks a second time does not wait for that.
 *
 * @param goodbye - says what is being done before the end
 */
export const interruptible = async (work: (signal: AbortSignal) => Promise<void>, goodbye: string): Promise<void> => {
  const controller = new AbortController();
  const stop = (name: keyof typeof SIGNALS): void => {
    if (controller.signal.aborted) process.exit(SIGNALS[name]);
    note(`\nholdfast: ${goodbye}`);
    controller.abort(new InterruptedError(name));
  };
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const name of names) process.on(name, stop);
  try {
    await work(controller.signal);
    controller.signal.throwIfAborted();
  } catch (error) {
    const { reason } = controller.signal as { reason: unknown };
    // Whatever broke because of the interruption is no news.
    if (!(reason instanceof InterruptedError)) throw error;
    if (!(error instanceof InterruptedError) && (error as Error).name !== 'AbortError') {
      note(`holdfast: ${error instanceof Error ? error.message : String(error)}`);
    }
    process.exitCode = reason.exitCode;
  } finally {
    for (const name of names) process.off(name, stop);
  }
};
