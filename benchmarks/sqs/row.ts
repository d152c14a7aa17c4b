import { median } from '../src/numbers.ts';
import { BARE } from '../src/servers.ts';
import { TAKEN_PER_UNIT, type Workload } from './calls.ts';
import type { Contestant, FilledQueue, Stretch } from './contestant.ts';

/** How long what may take. */
export interface RowTimes {
  readonly rounds: number;
  /** Length of one measured stretch. */
  readonly stretchMs: number;
  /** How long a unit that began in the stretch may take; what is open then does not count. */
  readonly graceMs: number;
  /** After this, a server that is so slow gets no more rounds in the row. */
  readonly rowMs: number;
  /** Time for putting a row's messages into the queue; who is slower is measured with what it has. */
  readonly fillMs: number;
}

export interface Cell {
  /** Requests. */
  readonly perSecond: number;
  /** Less than {@link perSecond}: nothing was finished in time. */
  readonly isBound: boolean;
  readonly cpuMicrosPerRequest: number | undefined;
  /** Median of the rounds: this server to the bare one in the same round, more is better. */
  readonly ratio: number;
  /** The least and the most of it in any launch, where there were several. */
  readonly ratios?: readonly [number, number];
  /** Messages that waited, where it was not possible to have as many as the row says. */
  readonly waiting: number | undefined;
}

export interface RowQuestion {
  readonly workload: Workload;
  readonly connections: number;
  /** Messages that wait in the queue. */
  readonly backlog: number;
}

/** A line of the result: each server's cell, or why it has none. */
export interface Row extends RowQuestion {
  readonly name: string;
  readonly cells: ReadonlyMap<string, Cell | string>;
  /** What each server's part of the row took, everything included. */
  readonly tookMs: ReadonlyMap<string, number>;
}

export const rowName = ({ workload, connections, backlog }: RowQuestion): string =>
  `${workload}, ${connections} connection${connections === 1 ? '' : 's'}` +
  (backlog === 0 ? '' : `, ${backlog.toLocaleString('en-US')} waiting`);

/** A share of the backlog that nobody will notice. */
const ENOUGH = 0.9;

const cellOf = (stretches: readonly Stretch[], bare: readonly Stretch[], waiting: number | undefined): Cell => {
  const sum = (of: (stretch: Stretch) => number): number => stretches.reduce((total, one) => total + of(one), 0);
  const cpuMs = sum((one) => one.cpuMs ?? Number.NaN);
  return {
    perSecond: median(stretches.map(({ perSecond }) => perSecond)),
    isBound: stretches.every(({ isBound }) => isBound),
    cpuMicrosPerRequest: Number.isNaN(cpuMs) ? undefined : (cpuMs * 1_000) / sum(({ requests }) => requests),
    ratio: median(stretches.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN))),
    waiting,
  };
};

/** One server in a row: its queue, and what was found so far. */
class Entrant {
  readonly contestant: Contestant;
  readonly stretches: Stretch[] = [];
  failure: string | undefined;
  tookMs = 0;
  readonly #question: RowQuestion;
  readonly #queue: FilledQueue;
  readonly #times: RowTimes;
  /** Messages that wait when a stretch ends. */
  #level = 0;
  #unitsExpected = 0;
  #spentMs = 0;
  #leastWaiting = Number.POSITIVE_INFINITY;

  constructor(contestant: Contestant, question: RowQuestion, queue: FilledQueue, times: RowTimes) {
    this.contestant = contestant;
    this.#question = question;
    this.#queue = queue;
    this.#times = times;
  }

  get waiting(): number | undefined {
    return this.#queue.isShort ? this.#leastWaiting : undefined;
  }

  /** Units of the last stretch. */
  get units(): number {
    return this.#unitsExpected;
  }

  /** Fills the queue and warms the server up in this row's workload; `units` says how many it may do in a stretch. */
  async prepare(units: number): Promise<void> {
    this.#unitsExpected = units;
    const { backlog } = this.#question;
    // Who was too slow for this backlog in the row before need not try again.
    if (!this.#queue.isShort) await this.contestant.fill(this.#queue, backlog, this.#times.fillMs);
    this.#queue.isShort = this.#queue.waiting < backlog * ENOUGH;
    this.#level = Math.min(backlog, this.#queue.waiting);
    const warmUp = await this.#stretch();
    // So slow that there will hardly be a second chance.
    if (this.#spentMs > this.#times.rowMs / 2) this.stretches.push(warmUp);
  }

  async round(): Promise<void> {
    if (this.failure === undefined && this.#spentMs < this.#times.rowMs) this.stretches.push(await this.#stretch());
  }

  async #stretch(): Promise<Stretch> {
    const { workload, connections } = this.#question;
    const begin = performance.now();
    const taken = TAKEN_PER_UNIT[workload];
    if (taken !== undefined) {
      // What the stretch takes away comes on top; half as much again, because the next one may be faster.
      const reserve = Math.ceil(this.#unitsExpected * 1.5) + 2 * connections;
      await this.contestant.fill(this.#queue, this.#level + reserve * taken, this.#times.stretchMs * 3);
    }
    this.#leastWaiting = Math.min(this.#leastWaiting, this.#queue.waiting);
    const { stretchMs: forMs, graceMs } = this.#times;
    const stretch = await this.contestant.stretch(this.#queue, workload, connections, { forMs, graceMs });
    this.#unitsExpected = stretch.units;
    this.#spentMs += performance.now() - begin;
    return stretch;
  }
}

/**
 * One row: all servers in turn, round after round, so that what else the machine does meets all of them. Who fails has
 * its reason in the row and does not stop the others.
 */
export const measureRow = async (
  question: RowQuestion,
  queues: ReadonlyMap<Contestant, FilledQueue>,
  times: RowTimes,
): Promise<Row> => {
  const entrants = [...queues].map(([contestant, queue]) => new Entrant(contestant, question, queue, times));
  const attempt = async (entrant: Entrant, act: () => Promise<void>): Promise<void> => {
    const begin = performance.now();
    try {
      await act();
    } catch (error) {
      entrant.failure = String(error);
    }
    entrant.tookMs += performance.now() - begin;
  };
  let unitsOfBare = 0;
  for (const entrant of entrants) {
    await attempt(entrant, () => entrant.prepare(unitsOfBare));
    if (entrant.contestant.name === BARE) unitsOfBare = entrant.units;
  }
  for (let round = 0; round < times.rounds; round++) {
    for (const entrant of entrants) await attempt(entrant, () => entrant.round());
  }
  const bare = entrants.find(({ contestant }) => contestant.name === BARE)?.stretches ?? [];
  const cells = new Map(
    entrants.map(({ contestant, stretches, failure, waiting }) => [
      contestant.name,
      failure ?? cellOf(stretches, bare, waiting),
    ]),
  );
  const tookMs = new Map(entrants.map((entrant) => [entrant.contestant.name, entrant.tookMs]));
  return { ...question, name: rowName(question), cells, tookMs };
};
