import { subscribe } from 'node:diagnostics_channel';
import type { EngineClock } from './clock.ts';
import { type EngineTimers, realTimers } from './timers.ts';

/** What may stay open while nothing happens. Anything else (files, look-ups, child processes) ends by itself: busy. */
const PASSIVE_RESOURCE =
  /^(TCPSocketWrap|TCPServerWrap|TLSWrap|PipeWrap|MessagePort|Timeout|Immediate|TTYWrap|Http2Session|FSEventWrap|StatWatcher|SignalWrap)$/;

/** What is open in a thread that loads its code, and waits for nothing but a timer. */
const OPEN_WHILE_LOADING = /^(MessagePort|Timeout|Immediate|PipeWrap|TTYWrap)$/;

/** Turns of the event loop without any sign of life before the environment counts as quiet. */
const QUIET_TURNS = 3;
/** An answer whose body nobody reads keeps its request open for ever; after this long it no longer counts. */
const ABANDONED_ANSWER_MS = 250;

interface Probe {
  readonly id: number;
  /** Requests that the engine holds back. */
  readonly parked: number;
}

/** What the probe does by itself. */
const OWN_RESOURCE = 'Immediate';

/** Tells when nothing can run in this thread but by time or by an answer that the engine holds back. */
export class Quiescence {
  /** While the code loads it counts as busy, unless all that it waits for is a timer. */
  isLoading = true;
  /** An invocation is under way, which an empty event loop ends. */
  isRunning = false;
  /** An invocation has ended, and the engine has not been told yet. */
  isEnding = false;
  readonly #clock: EngineClock;
  readonly #timers: EngineTimers;
  readonly #answer: (id: number) => void;
  #requestsOpen = 0;
  /** What waits for the next request to begin or end. */
  #onRequests: (() => void) | undefined;
  #probe: Probe | undefined;
  #turn: (() => void) | undefined;

  constructor(clock: EngineClock, timers: EngineTimers, answer: (id: number) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#answer = answer;
    const count = (change: 1 | -1): void => {
      this.#requestsOpen += change;
      this.#onRequests?.();
    };
    subscribe('http.client.request.created', (message) => {
      const { request } = message as { request: { once(event: 'close', listener: () => void): void } };
      count(1);
      request.once('close', () => count(-1));
    });
    for (const [channel, change] of [
      ['undici:request:create', 1],
      ['undici:request:trailers', -1],
      ['undici:request:error', -1],
    ] as const) {
      subscribe(channel, () => count(change));
    }
  }

  /** Answers as soon as it is quiet; a later probe takes the place of this one. */
  probe(probe: Probe): void {
    this.#probe = probe;
    let quietTurns = 0;
    let matchedSince = this.#clock.realNow();
    const turn = (): void => {
      if (this.#probe !== probe) return;
      const passive = this.isLoading ? OPEN_WHILE_LOADING : PASSIVE_RESOURCE;
      const isBusy =
        (this.isLoading && (this.#timers.nextAt() === undefined || this.#requestsOpen > 0)) ||
        this.isEnding ||
        this.#timers.hasReal() ||
        process.getActiveResourcesInfo().some((kind) => !passive.test(kind));
      const sinceMs = this.#clock.realNow() - matchedSince;
      const isSettled = this.#requestsOpen === probe.parked || sinceMs > ABANDONED_ANSWER_MS;
      if (isBusy) matchedSince = this.#clock.realNow();
      quietTurns = isBusy || !isSettled ? 0 : quietTurns + 1;
      if (!isBusy && !isSettled) {
        // An answer is under way: nothing can change before a request begins or ends, so the processor is left to others.
        const again = (): void => {
          realTimers.clearTimeout(givenUp);
          if (this.#onRequests === again) this.#onRequests = undefined;
          realTimers.setImmediate(turn);
        };
        const givenUp = realTimers.setTimeout(again, ABANDONED_ANSWER_MS + 1);
        this.#onRequests = again;
        return;
      }
      if (quietTurns < QUIET_TURNS) {
        realTimers.setImmediate(turn);
        return;
      }
      // Without anything that could happen the invocation ends by that very fact, in the next moment.
      if (this.#isLoopEmpty()) return;
      this.#probe = undefined;
      this.#answer(probe.id);
    };
    this.#turn = turn;
    turn();
  }

  /** To be called when the event loop has run empty: somebody may have filled it again. */
  loopWasEmpty(): void {
    if (this.#probe !== undefined && this.isRunning && this.#turn !== undefined) realTimers.setImmediate(this.#turn);
  }

  #isLoopEmpty(): boolean {
    if (!this.isRunning || this.#timers.holding() > 0) return false;
    return process.getActiveResourcesInfo().every((kind) => kind === OWN_RESOURCE);
  }
}
