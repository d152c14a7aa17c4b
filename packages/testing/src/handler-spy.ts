import type { EpochMs, Random } from '@holdfast/kernel';
import { type BoundContext, type BoundHandler, InvalidInputError } from '@holdfast/local';
import { type DurationLike, durationMs } from './duration.ts';
import { type EventRecord, isSelected, isStream, type RecordSelector, recordsOf } from './event-records.ts';

/** What came of a record in one call: processed, failed alone or with its batch, or not known yet. */
export type RecordOutcome = 'processed' | 'failed' | 'running';

/** One run of a bound handler. */
export interface HandlerCall {
  /** The engine's time at which it began. */
  readonly at: Date;
  /** Counted from 1, over all calls of this handler. */
  readonly number: number;
  readonly event: unknown;
  readonly context: BoundContext;
  readonly records: readonly EventRecord[];
  /** What it returned. */
  readonly result?: unknown;
  /** What it threw. */
  readonly error?: unknown;
  /** Whether the error was asked for by the test (`failFirst`, `failShare`). */
  readonly isInjected: boolean;
  /** Outcome of one of its records. */
  outcomeOf(record: EventRecord): RecordOutcome;
}

/** An error in a line. */
export const errorText = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

/** The error of a call that fails because the test wants it to. */
export class InjectedFaultError extends Error {
  override readonly name = 'InjectedFaultError';
}

/** The environment of a call was killed because the test wants it to be; Lambda calls it so, too. */
class KilledError extends Error {
  override readonly name = 'Runtime.ExitError';
}

const wholeNumber = (count: number): number => {
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new InvalidInputError('count', count, 'must be a whole number from 0');
};

const shareOf = (share: number): number => {
  if (share >= 0 && share <= 1) return share;
  throw new InvalidInputError('share', share, 'must be from 0 to 1');
};

class RecordedCall implements HandlerCall {
  readonly at: Date;
  readonly number: number;
  readonly event: unknown;
  readonly context: BoundContext;
  readonly records: readonly EventRecord[];
  result: unknown;
  error: unknown;
  isInjected = false;
  state: RecordOutcome = 'running';
  #failed: ReadonlySet<string> | undefined;

  constructor(now: EpochMs, number: number, event: unknown, context: BoundContext) {
    this.at = new Date(now);
    this.number = number;
    this.event = event;
    this.context = context;
    this.records = recordsOf(event, context.awsRequestId);
  }

  outcomeOf({ id }: EventRecord): RecordOutcome {
    if (this.state !== 'processed') return this.state;
    this.#failed ??= failedIds(this);
    return this.#failed.has(id) ? 'failed' : 'processed';
  }
}

/**
 * Records that come again by what a handler reports, whether or not its mapping asks for the report: of a queue those that are named, of a
 * stream all from the first of them on. A report that Lambda cannot read is one of the whole batch.
 */
const failedIds = ({ event, records, result }: RecordedCall): ReadonlySet<string> => {
  const { batchItemFailures } = (result ?? {}) as { batchItemFailures?: unknown };
  if (!Array.isArray(batchItemFailures) || batchItemFailures.length === 0) return new Set();
  const reported = batchItemFailures.map((item: { itemIdentifier?: unknown } | null) => item?.itemIdentifier);
  const ids = records.map(({ id }) => id);
  if (!reported.every((id) => ids.some((known) => known === id))) return new Set(ids);
  const named = ids.filter((id) => reported.includes(id));
  return new Set(isStream(event) ? ids.slice(ids.indexOf(named[0] ?? '')) : named);
};

/** Watches a handler that a test has bound to a function: its calls, attempts, results, and faults on demand. */
export class HandlerSpy {
  /** As it was bound. */
  readonly name: string;
  readonly #calls: RecordedCall[] = [];
  readonly #handler: BoundHandler;
  readonly #now: () => EpochMs;
  readonly #random: Random;
  #failuresLeft = 0;
  #failShare = 0;
  #killsLeft = 0;
  #twiceShare = 0;
  #takesMs = 0;
  #fault: () => unknown = () => undefined;

  /** @internal */
  constructor(name: string, handler: BoundHandler, now: () => EpochMs, random: Random) {
    this.name = name;
    this.#handler = handler;
    this.#now = now;
    this.#random = random;
  }

  /** Every run, oldest first. */
  get calls(): readonly HandlerCall[] {
    return this.#calls;
  }

  /** Runs that had a record which is meant; all of them without a selector. */
  callsOf(selector: RecordSelector): readonly HandlerCall[] {
    return this.#calls.filter(({ records }) => records.some((record) => isSelected(selector, record)));
  }

  /** How often the records that are meant were tried, all taken together. */
  attempts(selector: RecordSelector): number {
    return this.#count(selector, () => true);
  }

  /** How often the records that are meant were processed, all taken together. */
  successes(selector: RecordSelector): number {
    return this.#count(selector, (outcome) => outcome === 'processed');
  }

  /**
   * Has the next `count` calls fail before the handler is reached.
   *
   * @throws InvalidInputError when `count` is no whole number from 0
   */
  failFirst(count: number, error?: unknown): this {
    this.#failuresLeft = wholeNumber(count);
    this.#fault = () => error ?? new InjectedFaultError(`${this.name} fails because the test wants it to`);
    return this;
  }

  /**
   * Has a share of all calls fail before the handler is reached; which, the seed of the engine decides.
   *
   * @throws InvalidInputError when `share` is not from 0 to 1
   */
  failShare(share: number, error?: unknown): this {
    this.#failShare = shareOf(share);
    this.#fault = () => error ?? new InjectedFaultError(`${this.name} fails because the test wants it to`);
    return this;
  }

  /**
   * Has the environment of the next `count` calls die once the handler has done its work, before anybody is told: what it
   * did stays done, and the event comes again. Shows whether a handler bears being called twice.
   *
   * @throws InvalidInputError when `count` is no whole number from 0
   */
  killFirst(count: number): this {
    this.#killsLeft = wholeNumber(count);
    return this;
  }

  /**
   * Has a share of all calls happen twice, as sources do that promise to deliver at least once; which, the seed decides.
   *
   * @throws InvalidInputError when `share` is not from 0 to 1
   */
  deliverTwice(share = 1): this {
    this.#twiceShare = shareOf(share);
    return this;
  }

  /** Has every call take so long, in the engine's time, before the handler is reached: `'PT30S'`. */
  takes(duration: DurationLike): this {
    this.#takesMs = durationMs(duration, 'duration');
    return this;
  }

  /** Ends all faults. */
  recover(): this {
    this.#failuresLeft = 0;
    this.#failShare = 0;
    this.#killsLeft = 0;
    this.#twiceShare = 0;
    this.#takesMs = 0;
    return this;
  }

  /** @internal */
  readonly run: BoundHandler = async (event: unknown, context) => {
    const result = await this.#runOnce(event, context);
    const isTwice = this.#twiceShare > 0 && this.#random.nextUnit() < this.#twiceShare;
    return isTwice ? this.#runOnce(structuredClone(event), context) : result;
  };

  async #runOnce(event: unknown, context: BoundContext): Promise<unknown> {
    const call = new RecordedCall(this.#now(), this.#calls.length + 1, event, context);
    this.#calls.push(call);
    try {
      if (this.#isToFail()) {
        call.isInjected = true;
        throw this.#fault();
      }
      if (this.#takesMs > 0) await context.sleep(this.#takesMs);
      call.result = await this.#handler(event, context);
      if (this.#killsLeft > 0) {
        this.#killsLeft -= 1;
        call.isInjected = true;
        throw new KilledError(`RequestId: ${context.awsRequestId} Error: Runtime exited with error: signal: killed`);
      }
      call.state = 'processed';
      return call.result;
    } catch (error) {
      call.error = error;
      call.state = 'failed';
      throw error;
    }
  }

  #isToFail(): boolean {
    if (this.#failuresLeft > 0) {
      this.#failuresLeft -= 1;
      return true;
    }
    return this.#failShare > 0 && this.#random.nextUnit() < this.#failShare;
  }

  #count(selector: RecordSelector, isCounted: (outcome: RecordOutcome) => boolean): number {
    let count = 0;
    for (const call of this.#calls) {
      for (const record of call.records) {
        if (isSelected(selector, record) && isCounted(call.outcomeOf(record))) count += 1;
      }
    }
    return count;
  }
}
