import type { EpochMs, Timer } from '@holdfast/kernel';
import { compareSequenceNumbers } from '../shard-log.ts';
import type { LaneEntry, LaneHost, LaneResponse } from './lane-host.ts';
import { backoffMs, decideAfterStreamAttempt, type StreamOutcome } from './stream-attempt.ts';
import { StreamCollector } from './stream-collector.ts';
import type { OpenWindow, TumblingWindows, WindowClosing } from './stream-window.ts';

/** Entries that are offered together; what is left of a batch may be cut into several. */
interface Part {
  entries: readonly LaneEntry[];
  /** Where the lane stands when the part is done: its last record, or the skipped ones behind it. */
  readonly end: string;
  attempts: number;
  refusals: number;
  response: LaneResponse | undefined;
  readonly closing?: WindowClosing;
}

/**
 * Works through those records of one shard that share a lane, strictly in order: one batch at a time, and nothing
 * further until it is done or given up. Reads the shard for itself, so that a lane that is held up holds up no other,
 * and keeps nothing in memory but its batch.
 */
export class StreamLane {
  readonly #host: LaneHost;
  readonly #windows: TumblingWindows;
  readonly #collector: StreamCollector;
  #position: string;
  #parts: Part[] = [];
  #isBusy = false;
  #isPumping = false;
  /** Until the next attempt. */
  #timer: Timer | undefined;
  /** Until the end of the tumbling window. */
  #closingTimer: Timer | undefined;

  constructor(host: LaneHost, position: string, windows: TumblingWindows) {
    this.#host = host;
    this.#windows = windows;
    this.#position = position;
    this.#collector = new StreamCollector(host, position, windows, () => this.pump());
  }

  /** Everything of the lane up to here is done. */
  get position(): string {
    return this.#position;
  }

  /** The tumbling window that is open. */
  get window(): OpenWindow | undefined {
    return this.#windows.open;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The shard has ended and so has the work on it. */
  get isFinished(): boolean {
    const end = this.#host.endOfShard();
    const hasWork = this.#isBusy || this.#parts.length > 0 || this.#collector.isCollecting;
    if (end === undefined || hasWork || this.window !== undefined) return false;
    return compareSequenceNumbers(this.#collector.readTo, end) >= 0;
  }

  /**
   * Does what can be done now: called when records may have come, and when a wait is over. Attempts that end at once
   * are taken up by the loop, not by another call.
   */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#host.isRunning && !this.#isBusy && this.#timer === undefined) {
        const part = this.#next();
        if (part === undefined) break;
        this.#discardOld(part);
        if (part.entries.length === 0 && part.closing === undefined) this.#finish(part);
        else this.#offer(part);
      }
    } finally {
      this.#isPumping = false;
    }
    if (!this.#isBusy && this.#parts.length === 0) this.#host.idle();
  }

  /** Gives up all waiting; an attempt in flight still counts when it ends. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#closingTimer?.cancel();
    this.#closingTimer = undefined;
    this.#collector.stop();
    if (!this.#isBusy) this.#parts = [];
  }

  /** A state that is too large is handed over before anything else. */
  #next(): Part | undefined {
    const [part] = this.#parts;
    if (this.window?.isTooLarge !== true || part?.closing !== undefined) return part ?? this.#collect();
    return this.#closingPart('size');
  }

  #closingPart(closing: WindowClosing): Part {
    const part: Part = { entries: [], end: this.#position, attempts: 0, refusals: 0, response: undefined, closing };
    this.#parts = [part, ...this.#parts];
    return part;
  }

  /** Hands the window over once no more records can come into it; until then waits for its end. */
  #closeWindow(hasLaterRecord: boolean): Part | undefined {
    const { window } = this;
    if (window === undefined) return undefined;
    if (hasLaterRecord || this.#host.endOfShard() !== undefined || this.#host.now() >= window.endsAt) {
      return this.#closingPart('end');
    }
    this.#awaitEndOf(window);
    return undefined;
  }

  #awaitEndOf({ endsAt }: OpenWindow): void {
    this.#closingTimer ??= this.#host.timers.schedule(endsAt, () => {
      this.#closingTimer = undefined;
      this.pump();
    });
  }

  /** A part that is ready to be offered; `undefined` when there is nothing, or while a window is still open. */
  #collect(): Part | undefined {
    const batch = this.#collector.collect();
    if (batch === undefined) return undefined;
    const { readTo: end } = this.#collector;
    if (batch.entries.length === 0) {
      this.#position = end;
      return this.#closeWindow(batch.isFull);
    }
    const part: Part = { entries: batch.entries, end, attempts: 0, refusals: 0, response: undefined };
    this.#parts = [part];
    return part;
  }

  #deadlineOf(entry: LaneEntry): EpochMs {
    return entry.arrivedAt + this.#host.recordAgeMaxMs();
  }

  /** Records come in the order of their arrival: the old ones are in front. */
  #discardOld(part: Part): void {
    const now = this.#host.now();
    const firstYoung = part.entries.findIndex((entry) => this.#deadlineOf(entry) > now);
    const count = firstYoung < 0 ? part.entries.length : firstYoung;
    if (count === 0) return;
    const old = part.entries.slice(0, count);
    // AWS was recorded to count one invocation even for records that the function never saw.
    this.#host.discard(old, 'RecordAgeExceeded', Math.max(part.attempts, 1), part.response);
    this.#drop(part, count);
  }

  /** The first records of a part are behind us. */
  #drop(part: Part, count: number): void {
    const last = part.entries[count - 1];
    part.entries = part.entries.slice(count);
    if (last !== undefined && part.entries.length > 0) this.#moveTo(last.sequenceNumber);
  }

  #finish(part: Part): void {
    this.#parts = this.#parts.filter((other) => other !== part);
    this.#moveTo(part.end);
  }

  #moveTo(position: string): void {
    this.#position = position;
    this.#host.moved();
  }

  #offer(part: Part): void {
    this.#isBusy = true;
    const { entries, closing } = part;
    this.#host.invoke({ entries, window: this.window, closing }, (outcome, response, state) => {
      this.#isBusy = false;
      if (response !== undefined) part.response = response;
      if (closing !== undefined) this.#applyClosing(part, closing, outcome);
      else {
        // What has been done of the batch is in the state; what was done in vain is not.
        const isProgress = outcome.kind === 'success' || (outcome.kind === 'failed-from' && outcome.index > 0);
        if (state !== undefined && isProgress) this.#windows.keep(state);
        this.#apply(part, outcome);
      }
      if (this.#host.isRunning) {
        this.pump();
        return;
      }
      // Nobody waits for the rest here: whoever comes next begins at the position.
      this.#parts = [];
      this.#host.idle();
    });
  }

  /** Nothing goes on before a window has been handed over, however often it takes. */
  #applyClosing(part: Part, closing: WindowClosing, outcome: StreamOutcome): void {
    if (outcome.kind !== 'success') {
      part.attempts += 1;
      this.#retryAt(this.#host.now() + backoffMs(part.attempts));
      return;
    }
    this.#windows.closed(closing);
    if (closing === 'end') {
      this.#closingTimer?.cancel();
      this.#closingTimer = undefined;
    }
    this.#finish(part);
  }

  #apply(part: Part, outcome: StreamOutcome): void {
    const { attempts, refusals } = part;
    const decision = decideAfterStreamAttempt(
      outcome,
      { size: part.entries.length, attempts, refusals },
      this.#host.settings,
    );
    if (decision.next === 'done') {
      this.#finish(part);
      return;
    }
    this.#drop(part, decision.done);
    if (decision.next === 'discard') {
      part.attempts = decision.attempts;
      this.#host.discard(part.entries, 'RetryAttemptsExhausted', part.attempts, part.response);
      this.#finish(part);
    } else if (decision.next === 'split') {
      part.refusals = 0;
      this.#split(part, decision.sizes);
    } else {
      part.attempts = decision.attempts;
      part.refusals = outcome.kind === 'refused' ? refusals + 1 : 0;
      const now = this.#host.now();
      const first = part.entries[0] as LaneEntry;
      // At its deadline a record is given up, not only at the next attempt.
      this.#retryAt(Math.max(now, Math.min(now + decision.delayMs, this.#deadlineOf(first))));
    }
  }

  #retryAt(at: EpochMs): void {
    if (!this.#host.isRunning) return;
    this.#timer = this.#host.timers.schedule(at, () => {
      this.#timer = undefined;
      this.pump();
    });
  }

  #split(part: Part, sizes: readonly number[]): void {
    let from = 0;
    const pieces = sizes.map((size, index): Part => {
      const entries = part.entries.slice(from, from + size);
      from += size;
      const isLast = index === sizes.length - 1;
      return { ...part, entries, end: isLast ? part.end : (entries.at(-1) as LaneEntry).sequenceNumber };
    });
    this.#parts = [...pieces, ...this.#parts.slice(1)];
  }
}
