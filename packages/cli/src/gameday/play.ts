import { CommandError, EXIT } from '../exit-code.ts';
import { note } from '../output.ts';
import type { TimeLine } from '../time-line.ts';
import type { Lab, PutBack } from './lab.ts';
import { readSeries, type SeriesName } from './series.ts';
import { type SchemaVersion, Traffic } from './traffic.ts';
import { type Letter, Watch } from './watch.ts';

/** A practice: what is broken, what must be seen, how it is mended. */
export interface GameDay {
  readonly name: string;
  readonly title: string;
  readonly objective: string;
  play(play: Play): Promise<void>;
}

/** A part of a game day, as its report names it. */
export interface Phase {
  readonly name: string;
  /** ISO dates. */
  readonly began: string;
  ended: string;
  readonly done: string[];
}

/** What had to be seen, and what was. */
export interface Expectation {
  readonly phase: string;
  readonly text: string;
  readonly seen: string;
  readonly isMet: boolean;
}

export interface PlayOptions {
  readonly lab: Lab;
  readonly time: TimeLine;
  readonly signal: AbortSignal;
  /** Begins the ids of its events. */
  readonly run: string;
  /** Orders a minute on a normal day. */
  readonly perMinute: number;
}

const TICK_MS = 5_000;
const LOOK_MS = 15_000;
/** Longer than the worker keeps a mode, and than Lambda takes for a change. */
const CHANGE_TAKES_MS = 10_000;
export const MINUTE_MS = 60_000;
const REDRIVE_AGE_MS = 61_000;
/** What the API takes at the most. */
const REDRIVE_MAX = 1_000;

/** A game day that is being played: its time, its traffic, and the list of what was done and seen. */
export class Play {
  readonly lab: Lab;
  readonly watch: Watch;
  readonly traffic: Traffic;
  readonly perMinute: number;
  readonly phases: Phase[] = [];
  readonly expectations: Expectation[] = [];
  readonly #options: PlayOptions;
  readonly #changes: PutBack[] = [];

  constructor(options: PlayOptions) {
    this.#options = options;
    this.lab = options.lab;
    this.watch = new Watch(options.lab);
    this.traffic = new Traffic(options.lab, options.run);
    this.perMinute = options.perMinute;
  }

  async now(): Promise<number> {
    return this.#options.time.now();
  }

  async pass(ms: number): Promise<void> {
    await this.#options.time.pass(ms, this.#options.signal);
  }

  async phase(name: string): Promise<void> {
    const began = new Date(await this.now()).toISOString();
    await this.endPhase();
    this.phases.push({ name, began, ended: began, done: [] });
    note(`${began.slice(11, 19)}  ${name}`);
  }

  async endPhase(): Promise<void> {
    const current = this.phases.at(-1);
    if (current !== undefined) current.ended = new Date(await this.now()).toISOString();
  }

  /** Says what was done. */
  say(text: string): void {
    this.phases.at(-1)?.done.push(text);
    note(`          ${text}`);
  }

  /** Says what was changed, waits until it holds, and has it put back however the game day ends. */
  async change(text: string, change: Promise<PutBack>): Promise<PutBack> {
    const putBack = await change;
    this.#changes.push(putBack);
    this.say(text);
    await this.pass(CHANGE_TAKES_MS);
    return putBack;
  }

  /** The newest first. */
  async putBackAll(): Promise<void> {
    while (this.#changes.length > 0) await this.#changes.pop()?.();
  }

  /** Orders come evenly; what is refused comes again. */
  async send(minutes: number, options: { readonly times?: number; readonly versions?: readonly SchemaVersion[] } = {}) {
    const { times = 1, versions = [1, 2] } = options;
    const before = new Map(this.traffic.answers);
    const perTick = (this.perMinute * times * TICK_MS) / MINUTE_MS;
    const ticks = Math.round((minutes * MINUTE_MS) / TICK_MS);
    let due = 0;
    for (let tick = 0; tick < ticks; tick++) {
      due += perTick;
      const count = Math.floor(due);
      due -= count;
      await this.traffic.post(count, versions);
      await this.pass(TICK_MS);
    }
    const answers = [...this.traffic.answers].flatMap(([status, count]) => {
      const more = count - (before.get(status) ?? 0);
      return more === 0 ? [] : [`${more} × ${status}`];
    });
    this.say(
      `${minutes} min of ${times === 1 ? 'normal' : `${times} times the normal`} traffic: ${answers.join(', ')}`,
    );
  }

  /** Looks again and again, and lets time go by. @returns whether it came true in time */
  async until(isTrue: () => Promise<boolean>, withinMs: number): Promise<boolean> {
    const end = (await this.now()) + withinMs;
    while (!(await isTrue())) {
      if ((await this.now()) >= end) return false;
      await this.pass(LOOK_MS);
    }
    return true;
  }

  expect(text: string, isMet: boolean, seen: string): void {
    this.expectations.push({ phase: this.phases.at(-1)?.name ?? '', text, seen, isMet });
    note(`          ${isMet ? 'seen' : 'MISSED'}: ${text} (${seen})`);
  }

  async expectAlarms(names: readonly string[], withinMinutes: number): Promise<void> {
    const seen = new Set<string>();
    await this.until(async () => {
      for (const [name, state] of await this.watch.alarms()) if (state === 'ALARM') seen.add(name);
      return names.every((name) => seen.has(name));
    }, withinMinutes * MINUTE_MS);
    const missing = names.filter((name) => !seen.has(name));
    this.expect(
      `ALARM within ${withinMinutes} min: ${names.join(', ')}`,
      missing.length === 0,
      missing.length === 0 ? 'all of them' : `not ${missing.join(', ')}`,
    );
  }

  /** Dead letters have these categories and no others. */
  async expectLetters(categories: readonly string[]): Promise<readonly Letter[]> {
    const letters = await this.watch.letters();
    const counts = [...Map.groupBy(letters, ({ category }) => category)].map(([name, of]) => `${of.length} ${name}`);
    this.expect(
      `dead letters, each with its category: ${categories.join(' or ')}`,
      letters.length > 0 && letters.every(({ category }) => categories.includes(category)),
      counts.join(', ') || 'none',
    );
    return letters;
  }

  /** Clients get rid of what they still have, and the worker of what is in the queue. */
  async expectDrained(withinMinutes: number): Promise<void> {
    const isEmpty = await this.until(async () => {
      if (this.traffic.pending > 0) await this.traffic.post(0, [1]);
      return this.traffic.pending === 0 && (await this.watch.depth('events')) === 0;
    }, withinMinutes * MINUTE_MS);
    this.expect(`the queue is empty within ${withinMinutes} min`, isEmpty, `${await this.watch.depth('events')} left`);
  }

  /** What a metric of the report has come to since the beginning. */
  async total(name: SeriesName): Promise<number> {
    return (await this.#points(name)).reduce((sum, value) => sum + value, 0);
  }

  async peak(name: SeriesName): Promise<number> {
    return Math.max(0, ...(await this.#points(name)));
  }

  async #points(name: SeriesName): Promise<readonly number[]> {
    const series = await readSeries(this.lab, this.began, await this.now());
    return series.find((one) => one.name === name)?.points.map(([, value]) => value) ?? [];
  }

  /** Epoch milliseconds. */
  get began(): number {
    return Date.parse(this.phases[0]?.began ?? '');
  }

  /** Brings every dead letter back by the lab's own API. */
  async redrive(letters: number): Promise<void> {
    // The API leaves alone what has only just failed.
    await this.pass(REDRIVE_AGE_MS);
    const started = await this.lab.api('POST', '/redrive/start', { maxMessages: REDRIVE_MAX });
    const { jobId } = started as { jobId: string };
    let job = {} as Readonly<Record<'moved' | 'failed' | 'cameBack', number>> & { readonly state: string };
    await this.until(async () => {
      job = (await this.lab.api('GET', `/redrive/${jobId}`)) as typeof job;
      return ['completed', 'stopped', 'cancelled'].includes(job.state);
    }, 15 * MINUTE_MS);
    this.say(`redrive: moved ${job.moved}, failed ${job.failed}, came back ${job.cameBack}`);
    this.expect(
      'the redrive brings every dead letter back, and none comes again',
      job.state === 'completed' && job.moved === letters && job.failed === 0 && job.cameBack === 0,
      `${job.state}, ${job.moved} of ${letters}`,
    );
    // Of two letters about one order one waits until the other is done, for as long as it is invisible.
    await this.expectDrained(5);
  }

  /** Alarms are quiet, queues empty, and the ledger of effects says one for each event. */
  async expectAllClear(withinMinutes: number): Promise<void> {
    const loud = async () =>
      [...(await this.watch.alarms())].filter(([, state]) => state !== 'OK').map(([name, state]) => `${name} ${state}`);
    const isQuiet = await this.until(async () => (await loud()).length === 0, withinMinutes * MINUTE_MS);
    this.expect(
      `all alarms are OK within ${withinMinutes} min`,
      isQuiet,
      isQuiet ? 'all OK' : (await loud()).join(', '),
    );
    const left = (await this.watch.depth('events')) + (await this.watch.depth('events-dlq'));
    this.expect('queue and dead-letter queue are empty', left === 0, `${left} messages`);
    const outcomes = await this.watch.outcomes(this.#options.run);
    const { accepted } = this.traffic;
    const wrong = [...accepted.keys()].filter((id) => outcomes.get(id)?.effects !== 1);
    this.expect(
      'every event took effect once',
      wrong.length === 0 && outcomes.size === accepted.size,
      `${accepted.size - wrong.length} of ${accepted.size} accepted${wrong.length > 0 ? `; not ${wrong.slice(0, 5).join(', ')}` : ''}`,
    );
  }

  /** @throws CommandError when a game day would begin in the middle of a bad day */
  async checkCalm(): Promise<void> {
    const alarmed = [...(await this.watch.alarms())].filter(([, state]) => state === 'ALARM').map(([name]) => name);
    const letters = await this.watch.depth('events-dlq');
    if (alarmed.length === 0 && letters === 0) return;
    throw new CommandError(
      `the lab is not calm: ${letters} messages in ${this.lab.named('events-dlq')}, in ALARM: ${alarmed.join(', ') || 'none'}; end that first`,
      EXIT.refused,
    );
  }
}
