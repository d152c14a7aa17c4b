import { InvalidInputError } from '@holdfast/kernel';
import type { Rooms } from './arrivals.ts';
import type { DescribedFailure } from './describe-letter.ts';
import type { Entry, Group, OfSource } from './entry.ts';
import type { FailureQuery, FailureSource } from './failure.ts';
import { type Test, testOf } from './failure-test.ts';

/** What a query found in a group. */
export interface Counted {
  readonly group: Group;
  readonly failures: number;
}

const compare = (a: Pick<Entry, 'lastSeenMs' | 'sequence'>, b: Pick<Entry, 'lastSeenMs' | 'sequence'>): number =>
  a.lastSeenMs - b.lastSeenMs || a.sequence - b.sequence;

/** Where the next page begins: below the last one of this page, whatever comes or goes meanwhile. */
const cursorOf = ({ lastSeenMs, sequence }: Entry): string => `${lastSeenMs}-${sequence}`;

/** How many of them stand before a cursor. */
const positionOf = (after: string, ordered: readonly Entry[]): number => {
  const [, lastSeenMs, sequence] = /^(\d+)-(\d+)$/.exec(after) ?? [];
  if (lastSeenMs === undefined) throw new InvalidInputError('after', after, 'must be the "next" of a page');
  const cursor = { lastSeenMs: Number(lastSeenMs), sequence: Number(sequence) };
  let from = 0;
  let to = ordered.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compare(ordered[middle] as Entry, cursor) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
};

const sourceKey = ({ kind, arn }: FailureSource): string => `${kind} ${arn}`;

const upsert = <Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value => {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
};

/**
 * Failures in memory, in the order in which they were last seen. A page is read from the young end until it is full; groups
 * and totals without a condition on single failures are counted beforehand.
 */
export class FailureIndex {
  readonly #byId = new Map<string, Entry>();
  readonly #groups = new Map<string, Group>();
  #ordered: Entry[] = [];
  #isInOrder = true;
  #sequence = 0;
  #gone = 0;

  get size(): number {
    return this.#byId.size;
  }

  get groups(): ReadonlyMap<string, Group> {
    return this.#groups;
  }

  get(id: string): Entry | undefined {
    return this.#byId.get(id);
  }

  /** Takes a failure; one that is known already is replaced. */
  add(failure: DescribedFailure): void {
    const { id, fingerprint, source } = failure;
    if (this.#byId.has(id)) this.delete(id);
    const lastSeenMs = Date.parse(failure.lastSeenAt);
    const group = upsert(this.#groups, fingerprint.key, () => ({
      fingerprint,
      failures: 0,
      firstSeenMs: Number.POSITIVE_INFINITY,
      lastSeenMs: 0,
      sources: new Map(),
      example: id,
      expiresMs: Number.POSITIVE_INFINITY,
    }));
    group.failures += 1;
    group.firstSeenMs = Math.min(group.firstSeenMs, Date.parse(failure.firstSeenAt));
    if (lastSeenMs >= group.lastSeenMs) {
      group.lastSeenMs = lastSeenMs;
      group.example = id;
    }
    if (failure.expiresAt !== undefined) group.expiresMs = Math.min(group.expiresMs, Date.parse(failure.expiresAt));
    upsert(group.sources, sourceKey(source), () => ({ source, failures: 0 })).failures += 1;
    this.#sequence += 1;
    const entry: Entry = { failure, lastSeenMs, sequence: this.#sequence, group, isGone: false };
    this.#byId.set(id, entry);
    if (lastSeenMs < (this.#ordered.at(-1)?.lastSeenMs ?? 0)) this.#isInOrder = false;
    this.#ordered.push(entry);
  }

  /** A failure that is gone from where it lay. Its group stays, and knows when it was last seen. */
  delete(id: string): void {
    const entry = this.#byId.get(id);
    if (entry === undefined) return;
    this.#byId.delete(id);
    entry.isGone = true;
    entry.group.failures -= 1;
    const ofSource = entry.group.sources.get(sourceKey(entry.failure.source));
    if (ofSource !== undefined) ofSource.failures -= 1;
    this.#gone += 1;
    // What is gone is taken out when it is a quarter: rarely, and never more than that is read in vain.
    if (this.#gone * 4 > this.#ordered.length) {
      this.#ordered = this.#ordered.filter(({ isGone }) => !isGone);
      this.#gone = 0;
    }
  }

  ids(): IterableIterator<string> {
    return this.#byId.keys();
  }

  /** Youngest first. `isMeant` decides by group where the query names a state. */
  page(
    query: FailureQuery,
    limit: number,
    after: string | undefined,
    isMeant: (group: Group) => boolean,
  ): { readonly entries: readonly Entry[]; readonly next?: string } {
    const ordered = this.#inOrder();
    const entries: Entry[] = [];
    const test = testOf(query);
    let position = after === undefined ? ordered.length : positionOf(after, ordered);
    for (; position > 0 && entries.length < limit; position -= 1) {
      const entry = ordered[position - 1] as Entry;
      if (!entry.isGone && isMeant(entry.group) && (test === undefined || test(entry))) entries.push(entry);
    }
    const last = entries.at(-1);
    return { entries, ...(position > 0 && last !== undefined ? { next: cursorOf(last) } : {}) };
  }

  /** How many of each group a query means; groups without any are left out. */
  count(query: FailureQuery, isMeant: (group: Group) => boolean): readonly Counted[] {
    const test = testOf(query);
    const meant = [...this.#groups.values()].filter((group) => group.failures > 0 && isMeant(group));
    if (test === undefined) return meant.map((group) => ({ group, failures: group.failures }));
    return this.#countEach(test, new Set(meant));
  }

  /** How many of each source a query means. */
  countBySource(query: FailureQuery, isMeant: (group: Group) => boolean): ReadonlyMap<FailureSource, number> {
    const test = testOf(query);
    const counts = new Map<string, OfSource>();
    const count = (source: FailureSource, failures: number): void => {
      if (failures > 0) upsert(counts, sourceKey(source), () => ({ source, failures: 0 })).failures += failures;
    };
    if (test === undefined) {
      for (const group of this.#groups.values()) {
        if (isMeant(group)) for (const { source, failures } of group.sources.values()) count(source, failures);
      }
    } else {
      for (const entry of this.#ordered) {
        if (!entry.isGone && isMeant(entry.group) && test(entry)) count(entry.failure.source, 1);
      }
    }
    return new Map([...counts.values()].map(({ source, failures }) => [source, failures]));
  }

  /** When the oldest one was last seen; `undefined` where there is none. */
  get oldestMs(): number | undefined {
    return this.#inOrder().find(({ isGone }) => !isGone)?.lastSeenMs;
  }

  /** How many of each source a query means in each room of time. */
  countByTime(
    query: FailureQuery,
    { fromMs, roomMs, rooms }: Rooms,
    isMeant: (group: Group) => boolean,
  ): ReadonlyMap<string, readonly number[]> {
    const ordered = this.#inOrder();
    const test = testOf(query);
    const counts = new Map<string, number[]>();
    for (let at = positionOf(`${fromMs}-0`, ordered); at < ordered.length; at += 1) {
      const entry = ordered[at] as Entry;
      if (entry.isGone || !isMeant(entry.group) || (test !== undefined && !test(entry))) continue;
      const room = Math.min(rooms - 1, Math.floor((entry.lastSeenMs - fromMs) / roomMs));
      const { kind, name } = entry.failure.source;
      const ofSource = upsert(counts, name || kind, () => new Array<number>(rooms).fill(0));
      ofSource[room] = (ofSource[room] ?? 0) + 1;
    }
    return counts;
  }

  #countEach(test: Test, meant: ReadonlySet<Group>): readonly Counted[] {
    const counts = new Map<Group, number>();
    for (const entry of this.#ordered) {
      if (entry.isGone || !meant.has(entry.group) || !test(entry)) continue;
      counts.set(entry.group, (counts.get(entry.group) ?? 0) + 1);
    }
    return [...counts].map(([group, failures]) => ({ group, failures }));
  }

  #inOrder(): readonly Entry[] {
    if (!this.#isInOrder) {
      this.#ordered.sort(compare);
      this.#isInOrder = true;
    }
    return this.#ordered;
  }
}
