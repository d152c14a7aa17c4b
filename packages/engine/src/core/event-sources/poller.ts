/** Reads one event source for one function. */
export interface Poller {
  start(): void;
  /** Reads nothing more; what runs ends as usual. */
  stop(): void;
  /** Calls `listener` when nothing runs any more, at once when nothing does. */
  whenIdle(listener: () => void): void;
}
