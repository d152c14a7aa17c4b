import type { ExecutionEnvironment } from './environment.ts';

/** Between two looks for those who wait, in real milliseconds. */
const LOOK_EVERY_MS = 5;

/** How long somebody waits at most for others to be done, in real milliseconds. */
export const LONGEST_MS = 1_000;

/**
 * Whether one more environment would be of use: not while as many compute as there are processors. It would only take
 * their time, and its cold start and first run take ten times what a warm one needs: who waits is served sooner by
 * those that are there. One whose code waits for something takes nobody's time.
 */
export class ProcessorShare {
  readonly #processors: number;
  readonly #running: Iterable<ExecutionEnvironment>;
  readonly #onLook: () => void;
  /** When those began, in real time, that started although all processors were taken. */
  #startedAnyway: number[] = [];
  #look: NodeJS.Timeout | undefined;

  /** `onLook` is called when it may be otherwise, for who was told that there is no room. */
  constructor(processors: number, running: Iterable<ExecutionEnvironment>, onLook: () => void) {
    this.#processors = processors;
    this.#running = running;
    this.#onLook = onLook;
  }

  /** For who waits since then, in real time; if there is none, `onLook` follows. */
  hasRoom(since: number): boolean {
    if (this.#isProcessorFree()) return true;
    const longAgo = performance.now() - LONGEST_MS;
    this.#startedAnyway = this.#startedAnyway.filter((at) => at > longAgo);
    if (since < longAgo && this.#startedAnyway.length < this.#processors) {
      this.#startedAnyway.push(performance.now());
      return true;
    }
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      this.#onLook();
    }, LOOK_EVERY_MS).unref();
    return false;
  }

  close(): void {
    clearTimeout(this.#look);
  }

  #isProcessorFree(): boolean {
    let free = this.#processors;
    for (const environment of this.#running) {
      if (!environment.isResting()) free -= 1;
      if (free === 0) return false;
    }
    return true;
  }
}
