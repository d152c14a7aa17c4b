import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { Bucket } from './bucket.ts';

/** Data points of one minute are kept so long. Differs: AWS rolls them up to 5 minutes and 1 hour and keeps those longer. */
export const RETENTION_MS = 15 * DAY_MS;
/** Data points of one second are kept so long; their minutes stay. */
export const HIGH_RESOLUTION_RETENTION_MS = 3 * HOUR_MS;

/** Identity of a metric and of the unit its values came in: CloudWatch keeps units apart. */
export interface SeriesIdentity {
  readonly account: string;
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  /** Sorted by name. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly unit: string;
}

/** Start of the second that holds `at`. */
export const secondStart = (at: EpochMs): EpochMs => at - (at % SECOND_MS);

/** All data points of one metric in one unit. */
export class Series {
  /** Short key for the store. */
  readonly id: string;
  readonly identity: SeriesIdentity;
  /** By start of the minute, mostly in order of time. */
  readonly minutes = new Map<EpochMs, Bucket>();
  /** By start of the second; only for high-resolution values. */
  readonly seconds = new Map<EpochMs, Bucket>();
  lastAt: EpochMs = 0;
  /** Dropped for want of data points: nothing may be recorded here any more. */
  isRetired = false;
  /** Told whenever a period without data gets its first. */
  watchers: ReadonlySet<() => void> | undefined;
  #openStart: EpochMs = Number.NaN;
  #open: Bucket | undefined;

  constructor(id: string, identity: SeriesIdentity) {
    this.id = id;
    this.identity = identity;
  }

  /** The bucket of the minute that holds `at`; the newest used one is found without a look-up. */
  minute(at: EpochMs): Bucket {
    if (this.#open !== undefined && at >= this.#openStart && at < this.#openStart + MINUTE_MS) return this.#open;
    const start = at - (((at % MINUTE_MS) + MINUTE_MS) % MINUTE_MS);
    let bucket = this.minutes.get(start);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.minutes.set(start, bucket);
      this.#tellWatchers();
    }
    this.#openStart = start;
    this.#open = bucket;
    if (at > this.lastAt) this.lastAt = at;
    return bucket;
  }

  get openStart(): EpochMs {
    return this.#openStart;
  }

  second(at: EpochMs): Bucket {
    const start = secondStart(at);
    let bucket = this.seconds.get(start);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.seconds.set(start, bucket);
      this.#tellWatchers();
    }
    return bucket;
  }

  #tellWatchers(): void {
    if (this.watchers !== undefined) for (const tell of this.watchers) tell();
  }

  /** Drops what is past retention and tells which minutes and seconds went. */
  expire(now: EpochMs): { readonly minutes: readonly EpochMs[]; readonly seconds: readonly EpochMs[] } {
    const minutes = [...this.minutes.keys()].filter((start) => start < now - RETENTION_MS);
    for (const start of minutes) this.minutes.delete(start);
    if (minutes.includes(this.#openStart)) this.#open = undefined;
    const seconds = [...this.seconds.keys()].filter((start) => start < now - HIGH_RESOLUTION_RETENTION_MS);
    for (const start of seconds) this.seconds.delete(start);
    return { minutes, seconds };
  }

  /**
   * Buckets in [from, to) merged into periods counted from `from`, oldest first. Below a minute these are seconds, and
   * where values came at standard resolution their minute, at its start.
   */
  periods(from: EpochMs, to: EpochMs, periodMs: number): [EpochMs, Bucket][] {
    const isFine = periodMs < MINUTE_MS;
    const source = isFine && this.seconds.size > 0 ? this.#fine() : this.minutes;
    const stepMs = source === this.minutes ? MINUTE_MS : SECOND_MS;
    const merged = new Map<EpochMs, Bucket>();
    const take = (start: EpochMs, bucket: Bucket): void => {
      const periodStart = from + Math.floor((start - from) / periodMs) * periodMs;
      let target = merged.get(periodStart);
      if (target === undefined) {
        target = new Bucket();
        merged.set(periodStart, target);
      }
      target.merge(bucket);
    };
    const first = Math.ceil(from / stepMs) * stepMs;
    if ((to - first) / stepMs < source.size) {
      for (let start = first; start < to; start += stepMs) {
        const bucket = source.get(start);
        if (bucket !== undefined) take(start, bucket);
      }
    } else {
      for (const [start, bucket] of source) if (start >= from && start < to) take(start, bucket);
    }
    return [...merged].sort((a, b) => a[0] - b[0]);
  }

  /** Seconds, and the minutes that have none. */
  #fine(): Map<EpochMs, Bucket> {
    const inSeconds = new Set([...this.seconds.keys()].map((start) => start - (start % MINUTE_MS)));
    const coarse = [...this.minutes].filter(([start]) => !inSeconds.has(start));
    return coarse.length === 0 ? this.seconds : new Map([...coarse, ...this.seconds]);
  }
}
