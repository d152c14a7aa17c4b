import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FailureState, Mute } from './failure.ts';

/** What people, and the ledger, have said of a group. */
export interface GroupMark {
  readonly mute?: Mute;
  /** ISO 8601: somebody said so, or its last failure was gone. */
  readonly resolvedAt?: string;
  /** ISO 8601: the first failure ever; failures that are gone are remembered by it. */
  readonly firstSeenAt?: string;
}

/** Remembers what was said of groups. */
export interface GroupMarks {
  all(): Promise<ReadonlyMap<string, GroupMark>>;
  /** All at once: an hour in which everything fails makes groups by the thousand. */
  set(marks: ReadonlyMap<string, GroupMark>): Promise<void>;
}

export class MemoryGroupMarks implements GroupMarks {
  readonly #marks = new Map<string, GroupMark>();

  async all(): Promise<ReadonlyMap<string, GroupMark>> {
    return this.#marks;
  }

  async set(marks: ReadonlyMap<string, GroupMark>): Promise<void> {
    for (const [fingerprint, mark] of marks) this.#marks.set(fingerprint, mark);
  }
}

/** In one file of JSON: there are few groups. */
export class FileGroupMarks implements GroupMarks {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async all(): Promise<ReadonlyMap<string, GroupMark>> {
    if (!existsSync(this.#file)) return new Map();
    return new Map(Object.entries(JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, GroupMark>));
  }

  async set(changed: ReadonlyMap<string, GroupMark>): Promise<void> {
    const marks = new Map([...(await this.all()), ...changed]);
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(marks), null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** A group is new for so long. */
const NEW_MS = 86_400_000;

/** What decides on the state of a group. */
export interface GroupFacts {
  readonly failures: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** A mute ends at its time, or when there are more failures than it bears: no group is muted for ever. */
const isMuted = ({ until, untilFailures }: Mute, { failures }: GroupFacts, nowMs: number): boolean =>
  (until === undefined || nowMs < Date.parse(until)) && (untilFailures === undefined || failures <= untilFailures);

export const stateOf = (mark: GroupMark | undefined, facts: GroupFacts, nowMs: number): FailureState => {
  if (mark?.mute !== undefined && isMuted(mark.mute, facts, nowMs)) return 'muted';
  const resolvedMs = mark?.resolvedAt === undefined ? undefined : Date.parse(mark.resolvedAt);
  if (resolvedMs !== undefined) return facts.lastSeenMs > resolvedMs ? 'regressed' : 'resolved';
  const firstSeenMs = Math.min(facts.firstSeenMs, Date.parse(mark?.firstSeenAt ?? '') || facts.firstSeenMs);
  return nowMs - firstSeenMs < NEW_MS ? 'new' : 'ongoing';
};
