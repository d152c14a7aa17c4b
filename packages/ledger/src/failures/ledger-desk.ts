import { InvalidInputError } from '@holdfast/kernel';
import type { FailureDesk } from '../operations.ts';
import { largestFirst, roomsOf } from './arrivals.ts';
import type { DescribedFailure } from './describe-letter.ts';
import type { Entry, Group } from './entry.ts';
import type { Alike } from './explain.ts';
import type {
  Explanation,
  Failure,
  FailureArrivals,
  FailureGroup,
  FailurePage,
  FailureQuery,
  FailureState,
  FailureTotals,
  Mute,
  QueueReading,
} from './failure.ts';
import { FailureIndex } from './failure-index.ts';
import { type GroupMark, type GroupMarks, stateOf } from './group-marks.ts';

/** Brings an index up to date with where failures lie; says what could not be asked, and meanwhile how far it is. */
export type Refresh = (
  index: FailureIndex,
  tell: (reading: readonly QueueReading[]) => void,
) => Promise<readonly string[]>;

export interface LedgerDeskPorts {
  readonly refresh: Refresh;
  readonly marks: GroupMarks;
  readonly now: () => number;
  readonly explain: (failure: Failure, alike: Alike) => Promise<Explanation>;
  /** Ends when an answer is given of what was read until then; without it an answer is of everything. */
  readonly patience?: (() => Promise<void>) | undefined;
  /** Told how far a look is. */
  readonly reading?: ((reading: readonly QueueReading[]) => void) | undefined;
}

const STATES: readonly FailureState[] = ['new', 'ongoing', 'resolved', 'regressed', 'muted'];

const LIMIT_MAX = 1_000;

/** Failures of its group that one is compared with. */
const COMPARED_MAX = 200;

const timeText = (ms: number): string => new Date(ms).toISOString();

/** A look under way, and when who asked for it has waited enough. */
interface Look {
  readonly whole: Promise<void>;
  readonly enough: Promise<void>;
}

/** No failure has that id. */
const notFound = (named: string): InvalidInputError => new InvalidInputError('failure', named, 'is not in the ledger');

/** The ledger: an index that is brought up to date before each answer, and what was said of groups. */
export class LedgerDesk implements FailureDesk {
  readonly #ports: LedgerDeskPorts;
  readonly #index = new FailureIndex();
  #marks: ReadonlyMap<string, GroupMark> = new Map();
  #unasked: readonly string[] = [];
  #looking: Look | undefined;
  /** How far the latest look is. */
  #reading: readonly QueueReading[] = [];
  /** What ended a look that nobody waited for any more: said to who asks next. */
  #fault: unknown;

  constructor(ports: LedgerDeskPorts) {
    this.#ports = ports;
  }

  async page(query: FailureQuery, limit: number, after?: string): Promise<FailurePage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidInputError('limit', limit, `must be a whole number from 1 to ${LIMIT_MAX}`);
    }
    // Pages of one list are of one moment, as far as the first was.
    if (after === undefined) await this.#refresh();
    const { entries, next } = this.#index.page(query, limit, after, this.#isMeantBy(query));
    return { failures: entries.map((entry) => this.#withState(entry)), ...(next === undefined ? {} : { next }) };
  }

  async totals(query: FailureQuery): Promise<FailureTotals> {
    await this.#refresh();
    const isMeant = this.#isMeantBy(query);
    const counted = this.#index.count(query, isMeant);
    const byState = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<FailureState, number>;
    let failures = 0;
    let expiresMs = Number.POSITIVE_INFINITY;
    for (const one of counted) {
      failures += one.failures;
      byState[this.#stateOf(one.group)] += one.failures;
      expiresMs = Math.min(expiresMs, one.group.expiresMs);
    }
    const bySource = [...this.#index.countBySource(query, isMeant)]
      .map(([source, count]) => ({ source, failures: count }))
      .sort((a, b) => b.failures - a.failures);
    return {
      failures,
      groups: counted.length,
      bySource,
      byState,
      unasked: this.#unasked,
      ...(this.#looking === undefined ? {} : { reading: this.#reading }),
      ...(Number.isFinite(expiresMs) ? { expiresAt: timeText(expiresMs) } : {}),
    };
  }

  async groups(query: FailureQuery): Promise<readonly FailureGroup[]> {
    await this.#refresh();
    return this.#index
      .count(query, this.#isMeantBy(query))
      .map(({ group, failures }): FailureGroup => {
        const { fingerprint, firstSeenMs, lastSeenMs, sources, example, expiresMs } = group;
        return {
          fingerprint,
          state: this.#stateOf(group),
          failures,
          firstSeenAt: timeText(firstSeenMs),
          lastSeenAt: timeText(lastSeenMs),
          sources: [...sources.values()].map(({ source }) => source),
          example,
          ...(Number.isFinite(expiresMs) ? { expiresAt: timeText(expiresMs) } : {}),
        };
      })
      .sort((a, b) => b.failures - a.failures || b.lastSeenAt.localeCompare(a.lastSeenAt));
  }

  async arrivals(query: FailureQuery): Promise<FailureArrivals> {
    await this.#refresh();
    const now = this.#ports.now();
    const rooms = roomsOf(now, this.#index.oldestMs ?? now);
    const counts = this.#index.countByTime(query, rooms, this.#isMeantBy(query));
    return { from: timeText(rooms.fromMs), roomMs: rooms.roomMs, series: largestFirst(counts) };
  }

  async find(named: string): Promise<Failure | undefined> {
    const look = await this.#refresh();
    // That it is nowhere can only be said when all was read.
    if (this.#entry(named) === undefined) await look.whole;
    const entry = this.#entry(named);
    return entry === undefined ? undefined : this.#withState(entry);
  }

  async why(named: string): Promise<Explanation> {
    const failure = await this.find(named);
    if (failure === undefined) throw notFound(named);
    const { key } = failure.fingerprint;
    const alike = (query: FailureQuery, isMeant: (group: Group) => boolean): readonly DescribedFailure[] =>
      this.#index
        .page(query, COMPARED_MAX, undefined, isMeant)
        .entries.map((entry) => entry.failure)
        .filter(({ id }) => id !== failure.id);
    const { name } = failure.source;
    const isOfSource = ({ fingerprint, sources }: Group): boolean =>
      fingerprint.key !== key && [...sources.values()].some(({ source }) => source.name === name);
    return this.#ports.explain(failure, {
      ofGroup: alike({ fingerprint: key }, () => true),
      ofSource: alike(name === '' ? {} : { source: name }, isOfSource),
    });
  }

  async mute(fingerprint: string, mute: Mute): Promise<void> {
    const { until, untilFailures } = mute;
    if (until === undefined && untilFailures === undefined) {
      throw new InvalidInputError('mute', mute, 'must have "until" or "untilFailures": no group is muted for ever');
    }
    if (until !== undefined && !(Date.parse(until) > this.#ports.now())) {
      throw new InvalidInputError('mute: until', until, 'must be a time to come, in ISO 8601');
    }
    await this.#mark(fingerprint, (mark) => ({ ...mark, mute }));
  }

  async unmute(fingerprint: string): Promise<void> {
    await this.#mark(fingerprint, ({ mute: _, ...mark }) => mark);
  }

  async resolve(fingerprint: string): Promise<void> {
    await this.#mark(fingerprint, (mark) => ({ ...mark, resolvedAt: timeText(this.#ports.now()) }));
  }

  async #mark(fingerprint: string, change: (mark: GroupMark) => GroupMark): Promise<void> {
    const look = await this.#refresh();
    const isKnown = (): boolean => this.#index.groups.has(fingerprint) || this.#marks.has(fingerprint);
    if (!isKnown()) await look.whole;
    if (!isKnown()) throw notFound(fingerprint);
    await this.#ports.marks.set(new Map([[fingerprint, change(this.#marks.get(fingerprint) ?? {})]]));
    this.#marks = await this.#ports.marks.all();
  }

  /** Who asks at the same time is answered by one look. */
  async #refresh(): Promise<Look> {
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
    this.#looking ??= this.#beginLook();
    const look = this.#looking;
    await look.enough;
    return look;
  }

  #beginLook(): Look {
    const { patience } = this.#ports;
    let isWaitedFor = true;
    const whole = this.#look().finally(() => {
      this.#looking = undefined;
    });
    whole.catch((error: unknown) => {
      if (!isWaitedFor) this.#fault = error;
    });
    if (patience === undefined) return { whole, enough: whole };
    const impatient = patience().then(() => {
      isWaitedFor = false;
    });
    return { whole, enough: Promise.race([whole, impatient]) };
  }

  async #look(): Promise<void> {
    const before = new Map([...this.#index.groups.values()].map((group) => [group, group.failures]));
    this.#marks = await this.#ports.marks.all();
    this.#unasked = await this.#ports.refresh(this.#index, (reading) => {
      this.#reading = reading;
      this.#ports.reading?.(reading);
    });
    const changed = new Map<string, GroupMark>();
    const change = (key: string, more: GroupMark): void => {
      changed.set(key, { ...(changed.get(key) ?? this.#marks.get(key)), ...more });
    };
    this.#marks = await this.#ports.marks.all();
    for (const [group, failures] of before) {
      // A group whose last failure is gone is resolved: what comes after that came again.
      if (failures > 0 && group.failures === 0) {
        change(group.fingerprint.key, { resolvedAt: timeText(this.#ports.now()) });
      }
    }
    for (const [key, { firstSeenMs }] of this.#index.groups) {
      if (this.#marks.get(key)?.firstSeenAt === undefined) change(key, { firstSeenAt: timeText(firstSeenMs) });
    }
    if (changed.size > 0) await this.#ports.marks.set(changed);
    this.#marks = await this.#ports.marks.all();
  }

  #entry(named: string): Entry | undefined {
    const known = this.#index.get(named);
    if (known !== undefined) return known;
    for (const id of this.#index.ids()) if (id.endsWith(`/${named}`)) return this.#index.get(id);
    return undefined;
  }

  #stateOf(group: Group): FailureState {
    return stateOf(this.#marks.get(group.fingerprint.key), group, this.#ports.now());
  }

  #isMeantBy({ state }: FailureQuery): (group: Group) => boolean {
    if (state === undefined) return () => true;
    const states = new Map<Group, boolean>();
    return (group) => {
      const known = states.get(group);
      if (known !== undefined) return known;
      const isMeant = this.#stateOf(group) === state;
      states.set(group, isMeant);
      return isMeant;
    };
  }

  #withState({ failure, group }: Entry): Failure {
    return { ...failure, state: this.#stateOf(group) };
  }
}
