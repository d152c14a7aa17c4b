import { ServiceError } from '@holdfast/engine';
import { type Place, Roster } from '@holdfast/kernel';
import type { EngineTime } from '../runtime/index.ts';
import { AwakeTime } from './awake-time.ts';
import { advanceFor, type Release, releaseOf, type Witnesses } from './release.ts';
import type { WaitingCall, WaitingCalls } from './waiting-call.ts';

/**
 * What becomes of a caller who waits while time stands still. `tell`: it goes on waiting, for somebody may advance the
 * clock, and the engine says so. `fail`: its request fails with {@link STANDS_STILL}.
 */
export type StandingClockMode = 'tell' | 'fail';

/** Code of the error; status 400, so that clients do not try again. */
export const STANDS_STILL = 'ClockStandsStill';

/** How long, in real milliseconds that the process was awake, nothing must have moved before a caller counts as waiting for time. */
const PATIENCE_MS = 800;
/** A function of this process may do something that takes its time elsewhere. */
const BOUND_PATIENCE_MS = 3_000;
const CHECK_EVERY_MS = 100;
/** So often somebody looks at the same unfinished thing before it counts as waiting. */
const LOOKS_MAX = 3;
const QUESTIONS_MAX = 100;

/** Actions by which waiters of SDKs and the CLI look, and people who wait for an execution. */
const LOOKS = new Set([
  'lambda GetFunction',
  'lambda GetFunctionConfiguration',
  'lambda GetEventSourceMapping',
  'lambda GetProvisionedConcurrencyConfig',
  'cloudformation DescribeStacks',
  'cloudformation DescribeChangeSet',
  'dynamodb DescribeTable',
  'kinesis DescribeStream',
  'kinesis DescribeStreamSummary',
  'states DescribeExecution',
  'states DescribeMapRun',
  'pipes DescribePipe',
  'events DescribeReplay',
  'events DescribeArchive',
  'logs GetQueryResults',
]);
const UNFINISHED =
  /"\w*[sS]tat(?:e|us)":"(?:Pending|In ?Progress|IN_PROGRESS|PENDING|CREATING|UPDATING|DELETING|Creating|Updating|Enabling|Disabling|Deleting|STARTING|STOPPING|RUNNING|Running|Scheduled|\w+_IN_PROGRESS)"/;

/** A caller who waits, as `GET /_holdfast/clock` lists it. */
export interface WaitingState {
  /** The service and its action. */
  readonly call: string;
  /** ISO 8601, the engine's time. */
  readonly since: string;
  /** What it waits for, in words. */
  readonly reason: string;
  /** ISO 8601 duration by which the clock has to be advanced; none when time alone does not help. */
  readonly advance?: string;
}

export interface StandingClockOptions {
  readonly time: EngineTime;
  readonly mode: StandingClockMode;
  readonly note: ((text: string) => void) | undefined;
  readonly witnesses: Omit<Witnesses, 'calls'>;
  /** Real time since which nothing has been advanced or run; `undefined` while something is. */
  restingSince(): number | undefined;
  /** Whether nothing is under way that needs no time to go on: a request of a function, a model that is loaded for one. */
  isAtRest(): boolean;
  /** Has that come to rest, after which it rests since then. */
  settle(): void;
  /** Real time at which the latest function of this process began that still runs. */
  boundSince(): number | undefined;
}

interface Waiting {
  readonly call: WaitingCall;
  readonly sinceReal: number;
  isTold: boolean;
  place?: Place;
}

interface Looks {
  readonly sinceReal: number;
  count: number;
}

/** Watches over callers who wait in virtual time, where nobody may come to move it. */
export class StandingClock implements WaitingCalls {
  readonly #options: StandingClockOptions;
  readonly #waiting = new Roster<Waiting>();
  readonly #looks = new Map<string, Looks>();
  #looksAt = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #awake = new AwakeTime(CHECK_EVERY_MS);

  constructor(options: StandingClockOptions) {
    this.#options = options;
  }

  enter(call: WaitingCall): () => void {
    const waiting: Waiting = { call, sinceReal: performance.now(), isTold: false };
    const place = this.#waiting.add(waiting);
    waiting.place = place;
    if (!call.isInside) this.watch();
    return () => place.leave();
  }

  get isVirtual(): boolean {
    return this.#options.time.mode === 'virtual';
  }

  looked(call: Omit<WaitingCall, 'giveUp'>, output: unknown): void {
    const { mode, note } = this.#options;
    if (call.isInside || !LOOKS.has(`${call.service} ${call.action}`)) return;
    if (!UNFINISHED.test(JSON.stringify(output))) return;
    const looks = this.#looksFor(call);
    looks.count += 1;
    const isInVain = looks.count >= LOOKS_MAX && performance.now() - looks.sinceReal >= PATIENCE_MS;
    if (!isInVain || this.#options.restingSince() === undefined) return;
    if (!this.#comesToRest()) return;
    const text = this.#sentence({ ...call, giveUp: () => {} }, 'is asked again and again, and nothing changes');
    if (mode === 'fail') throw new ServiceError(STANDS_STILL, text);
    if (looks.count === LOOKS_MAX) note?.(text);
  }

  /** To be called when time has begun to stand still, too. */
  watch(): void {
    if (this.#timer !== undefined || !this.isVirtual) return;
    const from = performance.now();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#awake.look(from, performance.now());
      this.#check();
      if (this.#waiting.items().some(({ isTold, call }) => !isTold && !call.isInside)) this.watch();
    }, CHECK_EVERY_MS).unref();
  }

  /** The callers who wait, those of functions aside. */
  states(): readonly WaitingState[] {
    const now = this.#options.time.now();
    return this.#waiting
      .items()
      .filter(({ call }) => !call.isInside)
      .map(({ call }) => {
        const release = this.#releaseOf(call);
        const advance = advanceFor(release, now);
        return {
          call: `${call.service} ${call.action}`,
          since: new Date(call.context.now).toISOString(),
          reason: release.reason,
          ...(advance === undefined ? {} : { advance }),
        };
      });
  }

  /** Looks no more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** What they wait for is gone, and never comes: they fail with this error. */
  dismiss(error: ServiceError): void {
    const waiting = this.#waiting.items();
    this.#waiting.clear();
    for (const { call } of waiting) if (!call.isInside) call.giveUp(error);
  }

  #check(): void {
    const { mode, note } = this.#options;
    const restingSince = this.#options.restingSince();
    const now = performance.now();
    if (restingSince === undefined || !this.isVirtual || this.#awake.between(restingSince, now) < PATIENCE_MS) return;
    const givenUp = this.#givenUp(now);
    if (givenUp.length > 0 && !this.#comesToRest()) return;
    for (const waiting of givenUp) {
      const text = this.#sentence(waiting.call, 'waits');
      waiting.isTold = true;
      if (mode === 'tell') note?.(text);
      else {
        waiting.place?.leave();
        waiting.call.giveUp(new ServiceError(STANDS_STILL, text));
      }
    }
  }

  /** On a busy machine what needs no time takes longer than anybody's patience: it is waited for, whatever the hour. */
  #comesToRest(): boolean {
    const isAtRest = this.#options.isAtRest();
    if (!isAtRest) this.#options.settle();
    return isAtRest;
  }

  /** Who has waited long enough. What a function of this process called comes before the call that invoked it. */
  #givenUp(now: number): readonly Waiting[] {
    const patient = this.#waiting
      .items()
      .filter(
        ({ call, isTold, sinceReal }) =>
          !call.isInside && !isTold && this.#awake.between(sinceReal, now) >= PATIENCE_MS,
      );
    const boundSince = this.#options.boundSince();
    if (boundSince === undefined || this.#awake.between(boundSince, now) >= BOUND_PATIENCE_MS) return patient;
    return patient.filter(({ sinceReal }) => sinceReal > boundSince);
  }

  #looksFor(call: Omit<WaitingCall, 'giveUp'>): Looks {
    const now = this.#options.time.now();
    if (this.#looksAt !== now || this.#looks.size >= QUESTIONS_MAX) this.#looks.clear();
    this.#looksAt = now;
    const question = `${call.service} ${call.action} ${JSON.stringify(call.input)}`;
    const looks = this.#looks.get(question) ?? { sinceReal: performance.now(), count: 0 };
    this.#looks.set(question, looks);
    return looks;
  }

  #releaseOf(call: WaitingCall): Release {
    const calls = () => this.#waiting.items().map((each) => each.call);
    return releaseOf(call, { ...this.#options.witnesses, calls });
  }

  #sentence(call: WaitingCall, does: string): string {
    const now = this.#options.time.now();
    const release = this.#releaseOf(call);
    const advance = advanceFor(release, now);
    const way =
      advance === undefined
        ? 'somebody else has to act'
        : `advance the clock by ${advance}${release.isGuess === true ? ' or more' : ''} (in a test: advance('${advance}'), from a shell: holdfast clock --advance ${advance})`;
    return `time stands still at ${new Date(now).toISOString()}, and ${call.service} ${call.action} ${does}: ${release.reason}; ${way}`;
  }
}
