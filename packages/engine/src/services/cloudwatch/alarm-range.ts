import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import type { StoredAlarm } from './alarm.ts';
import { type AlarmPoint, EXTRA_PERIODS } from './alarm-judgement.ts';
import { mathPeriodSeconds } from './alarm-reason.ts';
import type { TimeSeries } from './math-evaluation.ts';
import { checkQueries, type MetricQuery, runQueries } from './metric-queries.ts';
import type { Metric, MetricStore } from './metric-store.ts';
import type { Series } from './series.ts';
import { type Statistic, statisticNamed } from './statistic.ts';
import { sortedDimensions } from './validation.ts';

/** Alarms with periods below a minute are evaluated so often. */
const FINE_STEP_MS = 10 * SECOND_MS;
/** A value of standard resolution stands at the start of its minute: alarms with shorter periods look back so far. */
const FINE_RANGE_MS = 2 * MINUTE_MS;

interface Watched {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly (readonly [string, string])[];
}

/** What an alarm saw when it looked. */
export interface AlarmView {
  /** Periods, newest first. */
  readonly points: readonly AlarmPoint[];
  /** No data in the whole range, nor any to come into it: looking again shows the same until something is recorded. */
  readonly isStill: boolean;
}

const percentOf = (statistic: string | undefined): number | undefined => {
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(statistic ?? '')?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
};

/** Fewer samples than this say nothing of a percentile. @see EvaluateLowSampleCountPercentile */
const samplesNeeded = (fraction: number): number => 10 / Math.max(1e-9, fraction >= 0.5 ? 1 - fraction : fraction);

/**
 * The metrics of one alarm over its evaluation range. Periods are counted back from the last full minute, so the window
 * slides from evaluation to evaluation whatever the period.
 */
export class AlarmRange {
  readonly #store: MetricStore;
  readonly #alarm: StoredAlarm;
  readonly #watched: readonly Watched[];
  readonly #queries: readonly MetricQuery[] | undefined;
  readonly #read: Statistic | undefined;
  readonly #periodMs: number;
  /** Between two evaluations. */
  readonly stepMs: number;

  constructor(store: MetricStore, alarm: StoredAlarm) {
    this.#store = store;
    this.#alarm = alarm;
    const { metrics, periodSeconds, statistic, extendedStatistic, evaluationPeriods } = alarm.configuration;
    this.#periodMs =
      (metrics === undefined ? (periodSeconds as number) : mathPeriodSeconds(alarm.configuration)) * 1_000;
    this.#queries = metrics === undefined ? undefined : checkQueries(metrics as MetricDataQuery[]);
    this.#read =
      metrics === undefined ? statisticNamed((statistic ?? extendedStatistic) as string, 'Statistic') : undefined;
    this.#watched = this.#metricsOf();
    const isLong = this.#periodMs * evaluationPeriods > DAY_MS;
    this.stepMs = this.#periodMs < MINUTE_MS ? FINE_STEP_MS : isLong ? HOUR_MS : MINUTE_MS;
  }

  #metricsOf(): Watched[] {
    const { namespace, metricName, dimensions, metrics } = this.#alarm.configuration;
    if (metrics === undefined) {
      return [
        {
          namespace: namespace as string,
          name: metricName as string,
          dimensions: sortedDimensions(dimensions, 'dimensions'),
        },
      ];
    }
    return metrics.flatMap(({ MetricStat: stat }) =>
      stat?.Metric === undefined
        ? []
        : [
            {
              namespace: stat.Metric.Namespace as string,
              name: stat.Metric.MetricName as string,
              dimensions: sortedDimensions(stat.Metric.Dimensions, 'metric.dimensions'),
            },
          ],
    );
  }

  /** Calls back when data comes where there was none; returns the function that ends it. */
  watch(listener: () => void): () => void {
    const { account, region } = this.#alarm;
    const ends = this.#watched.map(({ namespace, name, dimensions }) =>
      this.#store.watch(account, region, namespace, name, dimensions, listener),
    );
    return () => {
      for (const end of ends) end();
    };
  }

  look(now: EpochMs): AlarmView {
    const periodMs = this.#periodMs;
    const end = Math.floor(now / this.#gridMs) * this.#gridMs;
    const metrics = this.#watched.flatMap((watched) => this.#find(watched) ?? []);
    const all = metrics.flatMap(({ byUnit }) => [...byUnit.values()]);
    const isCoarse = periodMs < MINUTE_MS && all.every(({ seconds }) => seconds.size === 0);
    const count = Math.max(
      this.#alarm.configuration.evaluationPeriods + EXTRA_PERIODS,
      isCoarse ? Math.ceil(FINE_RANGE_MS / periodMs) : 0,
    );
    const from = end - count * periodMs;
    const points = this.#queries === undefined ? this.#single(metrics[0], from, end) : this.#math(from, end, now);
    const newestFirst = Array.from({ length: count }, (_, index): AlarmPoint => {
      const at = end - (index + 1) * periodMs;
      return points.get(at) ?? { at, value: undefined };
    });
    return { points: newestFirst, isStill: all.every(({ lastAt }) => lastAt < from) };
  }

  get #gridMs(): number {
    return Math.min(this.stepMs, MINUTE_MS);
  }

  #find({ namespace, name, dimensions }: Watched): Metric | undefined {
    return this.#store.find(this.#alarm.account, this.#alarm.region, namespace, name, dimensions);
  }

  #single(metric: Metric | undefined, from: EpochMs, end: EpochMs): Map<EpochMs, AlarmPoint> {
    const { unit } = this.#alarm.configuration;
    for (const series of metric?.byUnit.values() ?? []) {
      if (unit !== undefined && series.identity.unit !== unit) continue;
      const points = this.#read === undefined ? new Map() : this.#pointsOf(series, from, end, this.#read);
      if (points.size > 0) return points;
    }
    return new Map();
  }

  #pointsOf(series: Series, from: EpochMs, end: EpochMs, read: Statistic): Map<EpochMs, AlarmPoint> {
    const { extendedStatistic, evaluateLowSampleCountPercentile } = this.#alarm.configuration;
    const fraction = evaluateLowSampleCountPercentile === 'ignore' ? percentOf(extendedStatistic) : undefined;
    const needed = fraction === undefined ? 0 : samplesNeeded(fraction);
    const points = new Map<EpochMs, AlarmPoint>();
    for (const [at, bucket] of series.periods(from, end, this.#periodMs)) {
      const value = read(bucket);
      if (value === undefined) continue;
      points.set(at, { at, value, sampleCount: bucket.count, isThin: bucket.count < needed });
    }
    return points;
  }

  #math(from: EpochMs, end: EpochMs, now: EpochMs): Map<EpochMs, AlarmPoint> {
    const queries = this.#queries as readonly MetricQuery[];
    const { account, region } = this.#alarm;
    const computed = runQueries(this.#store, queries, from, end, { account, region, now }, 'start');
    const returned = queries.find(({ isReturned }) => isReturned) as MetricQuery;
    const value = computed.get(returned.id);
    const isSeries = typeof value === 'object' && !Array.isArray(value);
    const series = isSeries ? (value as TimeSeries) : undefined;
    return new Map(Array.from(series?.values ?? [], ([at, number]) => [at, { at, value: number }]));
  }
}
