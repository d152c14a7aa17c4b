import { type Clock, type EpochMs, HOUR_MS, MINUTE_MS, type TimerQueue } from '@holdfast/kernel';
import type { Collection, MetricPoint, Store } from '../../core/index.ts';
import { Bucket, type StoredBucket } from './bucket.ts';
import { Series, type SeriesIdentity, secondStart } from './series.ts';

type Dimensions = Readonly<Record<string, string>>;

const NO_DIMENSIONS: Dimensions = {};

/** Dimensions objects remembered to find out which of them callers reuse. */
const LATELY_MAX = 32;

/** `<series>/<start>`; seconds are told from minutes by their `s`. */
const minuteKey = (series: Series, start: EpochMs): string => `${series.id}/${start}`;
const secondKey = (series: Series, start: EpochMs): string => `${series.id}/s${start}`;

/** One metric as ListMetrics shows it: the same name and dimensions whatever the units. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly (readonly [string, string])[];
  readonly byUnit: Map<string, Series>;
}

const sortedDimensions = (dimensions: Dimensions): [string, string][] =>
  Object.entries(dimensions).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));

/** Parts are kept apart by a character that none of them can hold. */
const metricKey = (namespace: string, name: string, dimensions: readonly (readonly [string, string])[]): string => {
  let key = `${namespace}\u0000${name}`;
  for (const [dimension, value] of dimensions) key += `\u0000${dimension}\u0000${value}`;
  return key;
};

/**
 * Every data point of every account and region, aggregated as it arrives.
 *
 * `record` runs several times per message: a series is found through the identity of the caller's `dimensions`
 * object where callers reuse it (40 ns; 560 by the text of its key), and its open minute without a look-up. Closed minutes are written once, a minute
 * after; values that a caller was promised (PutMetricData) are written at once by {@link persist}.
 */
export class MetricStore {
  readonly #regions = new Map<string, Map<string, Metric>>();
  readonly #cache = new WeakMap<Dimensions, Map<string, Series>>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #lately: Dimensions[] = [];
  #latelyNext = 0;
  readonly #seriesCollection: Collection<SeriesIdentity>;
  readonly #buckets: Collection<StoredBucket>;
  readonly #dirty = new Map<Bucket, string>();
  readonly #clock: Clock;
  readonly #timers: TimerQueue;
  #nextSeriesId = 1;
  #isFlushScheduled = false;
  #lastSweepAt: EpochMs = 0;

  constructor(store: Store, clock: Clock, timers: TimerQueue) {
    this.#clock = clock;
    this.#timers = timers;
    this.#seriesCollection = store.collection('cloudwatch.series');
    this.#buckets = store.collection('cloudwatch.buckets');
    this.#load();
  }

  #load(): void {
    const byId = new Map<string, Series>();
    for (const [id, identity] of this.#seriesCollection.entries()) {
      const series = new Series(id, identity);
      byId.set(id, series);
      this.#index(series);
      this.#nextSeriesId = Math.max(this.#nextSeriesId, Number.parseInt(id, 36) + 1);
    }
    for (const [key, stored] of this.#buckets.entries()) {
      const [id, start] = key.split('/') as [string, string];
      const series = byId.get(id);
      if (series === undefined) continue;
      const isSecond = start.startsWith('s');
      const at = Number(isSecond ? start.slice(1) : start);
      (isSecond ? series.seconds : series.minutes).set(at, Bucket.from(stored));
      series.lastAt = Math.max(series.lastAt, at);
    }
  }

  #index(series: Series): void {
    const { account, region, namespace, name, dimensions, unit } = series.identity;
    const metrics = this.#metricsOf(account, region);
    const key = metricKey(namespace, name, dimensions);
    let metric = metrics.get(key);
    if (metric === undefined) {
      metric = { namespace, name, dimensions, byUnit: new Map() };
      metrics.set(key, metric);
    }
    metric.byUnit.set(unit, series);
    series.watchers = this.#watchers.get(`${account}/${region}/${key}`);
  }

  /**
   * Calls `listener` whenever a period of the metric (a minute; a second at high resolution) gets its first data, whether
   * or not the metric is there yet. Returns the function that ends it.
   */
  watch(
    account: string,
    region: string,
    namespace: string,
    name: string,
    dimensions: readonly (readonly [string, string])[],
    listener: () => void,
  ): () => void {
    const key = `${account}/${region}/${metricKey(namespace, name, dimensions)}`;
    const listeners = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, listeners);
    listeners.add(listener);
    for (const series of this.find(account, region, namespace, name, dimensions)?.byUnit.values() ?? []) {
      series.watchers = listeners;
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#watchers.get(key) === listeners) this.#watchers.delete(key);
    };
  }

  #metricsOf(account: string, region: string): Map<string, Metric> {
    const key = `${account}/${region}`;
    let metrics = this.#regions.get(key);
    if (metrics === undefined) {
      metrics = new Map();
      this.#regions.set(key, metrics);
    }
    return metrics;
  }

  /** Adds one value; see {@link MetricPoint}. */
  record(point: MetricPoint): void {
    const series = this.#seriesOf(point);
    const bucket = series.minute(point.at);
    bucket.add(point.value);
    if (!this.#dirty.has(bucket)) this.#markDirty(minuteKey(series, series.openStart), bucket);
    if (point.isHighResolution !== true) return;
    const second = series.second(point.at);
    second.add(point.value);
    this.#markDirty(secondKey(series, secondStart(point.at)), second);
  }

  #markDirty(key: string, bucket: Bucket): void {
    this.#dirty.set(bucket, key);
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    const now = this.#clock.now();
    // When the minute is over, so that most buckets are written once and complete.
    this.#timers.schedule(now - (now % MINUTE_MS) + MINUTE_MS, (at) => this.#flush(at));
  }

  #flush(now: EpochMs): void {
    this.#isFlushScheduled = false;
    for (const [bucket, key] of this.#dirty) this.#buckets.put(key, bucket.toStored());
    this.#dirty.clear();
    if (now - this.#lastSweepAt >= HOUR_MS) this.#sweep(now);
  }

  #sweep(now: EpochMs): void {
    this.#lastSweepAt = now;
    for (const metrics of this.#regions.values()) {
      for (const [key, metric] of metrics) {
        for (const [unit, series] of metric.byUnit) {
          const gone = series.expire(now);
          for (const start of gone.minutes) this.#buckets.delete(minuteKey(series, start));
          for (const start of gone.seconds) this.#buckets.delete(secondKey(series, start));
          if (series.minutes.size > 0) continue;
          series.isRetired = true;
          this.#seriesCollection.delete(series.id);
          metric.byUnit.delete(unit);
        }
        if (metric.byUnit.size === 0) metrics.delete(key);
      }
    }
  }

  /** The series of a point, made when it is new. */
  #seriesOf(point: MetricPoint): Series {
    const dimensions = point.dimensions ?? NO_DIMENSIONS;
    const unit = point.unit ?? 'None';
    const byName = this.#cache.get(dimensions);
    const cached = byName?.get(point.name);
    if (cached !== undefined && !cached.isRetired) {
      const identity = cached.identity;
      if (
        identity.namespace === point.namespace &&
        identity.account === point.account &&
        identity.region === point.region &&
        identity.unit === unit
      ) {
        return cached;
      }
    }
    const { account, region, namespace, name } = point;
    const series = this.seriesFor({ account, region, namespace, name, dimensions: sortedDimensions(dimensions), unit });
    if (byName !== undefined) byName.set(name, series);
    else if (this.#isComingBack(dimensions)) this.#cache.set(dimensions, new Map([[name, series]]));
    return series;
  }

  /**
   * Whether a dimensions object was seen a moment ago. Objects made for one call alone stay out of the cache: a weak
   * map with an entry for each of them costs far more than it saves.
   */
  #isComingBack(dimensions: Dimensions): boolean {
    if (this.#lately.includes(dimensions)) return true;
    this.#lately[this.#latelyNext] = dimensions;
    this.#latelyNext = (this.#latelyNext + 1) % LATELY_MAX;
    return false;
  }

  /** Finds or makes a series by identity; `dimensions` must be sorted. */
  seriesFor(identity: SeriesIdentity): Series {
    const known = this.find(identity.account, identity.region, identity.namespace, identity.name, identity.dimensions);
    const existing = known?.byUnit.get(identity.unit);
    if (existing !== undefined) return existing;
    const series = new Series((this.#nextSeriesId++).toString(36), identity);
    this.#index(series);
    this.#seriesCollection.put(series.id, identity);
    return series;
  }

  find(
    account: string,
    region: string,
    namespace: string,
    name: string,
    dimensions: readonly (readonly [string, string])[],
  ): Metric | undefined {
    return this.#regions.get(`${account}/${region}`)?.get(metricKey(namespace, name, dimensions));
  }

  metrics(account: string, region: string): readonly Metric[] {
    return [...(this.#regions.get(`${account}/${region}`)?.values() ?? [])];
  }

  /** Writes the minute (and the second) of a series that holds `at`, now. */
  persist(series: Series, at: EpochMs, isHighResolution: boolean): void {
    const bucket = series.minute(at);
    this.#buckets.put(minuteKey(series, series.openStart), bucket.toStored());
    this.#dirty.delete(bucket);
    if (isHighResolution) this.#buckets.put(secondKey(series, secondStart(at)), series.second(at).toStored());
  }
}
