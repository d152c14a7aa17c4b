import { type EpochMs, InvalidInputError, parseDurationMs } from '@holdfast/kernel';
import {
  type AxisView,
  type ChartKind,
  type ChartView,
  type HorizontalView,
  type RequestContext,
  type SeriesView,
  ServiceError,
  type WidgetContent,
} from '../../core/index.ts';
import type { AlarmRegistry, AnyAlarm } from './alarm-registry.ts';
import { isComposite } from './composite-alarm.ts';
import { getMetricData } from './get-metric-data.ts';
import type { MetricStore } from './metric-store.ts';
import { readWidgetMetrics, type WidgetMetric } from './widget-metrics.ts';

export interface TimeRange {
  readonly start: EpochMs;
  readonly end: EpochMs;
}

type Properties = Readonly<Record<string, unknown>>;

const DEFAULT_PERIOD_SECONDS = 300;
/** Points of one line; a longer range takes longer periods, as in the console. */
const POINTS_MAX = 1_440;
const VIEWS: readonly ChartKind[] = ['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'];

const object = (value: unknown): Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Properties) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** An instant: ISO 8601, or a duration before now (`-PT3H`). */
export const readInstant = (given: string | undefined, now: EpochMs): EpochMs | undefined => {
  if (given === undefined || given === '') return undefined;
  if (given.startsWith('-P')) {
    try {
      return now - parseDurationMs(given.slice(1), 'start');
    } catch (error) {
      if (error instanceof InvalidInputError) return undefined;
      throw error;
    }
  }
  const at = /^\d{13}$/.test(given) ? Number(given) : Date.parse(given);
  return Number.isFinite(at) ? at : undefined;
};

const axis = (given: unknown): AxisView => {
  const { min, max, label } = object(given);
  return { min: number(min), max: number(max), label: text(label) };
};

const horizontals = (given: unknown): HorizontalView[] =>
  list(given).flatMap((one) => {
    // Of a band, the first line says how it is filled.
    const parts = list(Array.isArray(one) ? one : [one]).map(object);
    return parts.flatMap(({ value, label, color, fill }) => {
      const at = number(value);
      if (at === undefined) return [];
      const shaded = fill === 'above' || fill === 'below' ? fill : undefined;
      return [{ value: at, label: text(label), color: text(color), fill: shaded }];
    });
  });

/** Period that keeps a range within what one line may hold. */
const fittingPeriod = (periodSeconds: number, { start, end }: TimeRange): number => {
  const least = Math.ceil((end - start) / 1_000 / POINTS_MAX);
  return periodSeconds >= least ? periodSeconds : Math.ceil(least / 60) * 60;
};

/** Everything that widgets show data of. */
export interface WidgetSources {
  readonly store: MetricStore;
  readonly alarms: AlarmRegistry;
  /** Performs an action of CloudWatch Logs, for log widgets. */
  readonly logs: (action: string, input: object, context: RequestContext) => unknown;
}

const readSeries = (
  store: MetricStore,
  metrics: readonly WidgetMetric[],
  range: TimeRange,
  context: RequestContext,
): SeriesView[] => {
  if (metrics.length === 0) return [];
  const regions = [...new Set(metrics.map(({ region }) => region ?? context.region))];
  return regions.flatMap((region) => {
    const own = metrics.filter((metric) => (metric.region ?? context.region) === region);
    const { MetricDataResults = [] } = getMetricData(
      store,
      {
        MetricDataQueries: own.map(({ query }) => query),
        StartTime: new Date(range.start),
        EndTime: new Date(range.end),
        ScanBy: 'TimestampAscending',
      },
      { ...context, region },
    );
    return MetricDataResults.map(({ Id, Label = '', Timestamps = [], Values = [] }) => {
      const { color, axis: side = 'left' } = own.find(({ query }) => query.Id === Id) ?? {};
      return {
        label: Label,
        color,
        axis: side,
        points: Timestamps.map((at, index) => [at.getTime(), Values[index] as number] as const),
      };
    });
  });
};

/** The metric of an alarm as a row of a widget, and its threshold. */
const ofAlarm = (alarm: AnyAlarm): { readonly rows: readonly unknown[]; readonly line: HorizontalView[] } => {
  if (isComposite(alarm)) return { rows: [], line: [] };
  const { namespace, metricName, dimensions, metrics, statistic, extendedStatistic, periodSeconds, threshold } =
    alarm.configuration;
  const line = [{ value: threshold, label: alarm.name, color: '#d62728' }];
  if (metrics === undefined) {
    const pairs = dimensions.flatMap(({ Name, Value }) => [Name, Value]);
    const options = { stat: statistic ?? extendedStatistic, period: periodSeconds };
    return { rows: [[namespace, metricName, ...pairs, options]], line };
  }
  const rows = metrics.map(({ Id: id, Expression, MetricStat: stat, Label: label, ReturnData }) => {
    const shared = { id, visible: ReturnData !== false, ...(label === undefined ? {} : { label }) };
    if (stat === undefined) return [{ ...shared, expression: Expression }];
    const pairs = (stat.Metric?.Dimensions ?? []).flatMap(({ Name, Value }) => [Name, Value]);
    return [
      stat.Metric?.Namespace,
      stat.Metric?.MetricName,
      ...pairs,
      { ...shared, stat: stat.Stat, period: stat.Period },
    ];
  });
  return { rows, line };
};

/** A metric widget with its data: of a dashboard, or of GetMetricWidgetImage. */
export const chartView = (
  properties: Properties,
  range: TimeRange,
  { store, alarms }: WidgetSources,
  context: RequestContext,
): ChartView => {
  const annotations = object(properties['annotations']);
  const shownAlarms = list(annotations['alarms']).flatMap((arn) => alarms.get(String(arn)) ?? []);
  const fromAlarms = shownAlarms.map(ofAlarm);
  const view = VIEWS.find((known) => known === properties['view']) ?? 'timeSeries';
  const isWhole = properties['setPeriodToTimeRange'] === true || view === 'bar' || view === 'pie';
  const asked = number(properties['period']) ?? DEFAULT_PERIOD_SECONDS;
  const wholeSeconds = Math.ceil((range.end - range.start) / 60_000) * 60;
  const periodSeconds = isWhole ? Math.max(60, wholeSeconds) : fittingPeriod(asked, range);
  const metrics = readWidgetMetrics([...list(properties['metrics']), ...fromAlarms.flatMap(({ rows }) => rows)], {
    stat: text(properties['stat']) ?? 'Average',
    periodSeconds,
  });
  const yAxis = object(properties['yAxis']);
  const region = text(properties['region']) ?? context.region;
  return {
    kind: 'chart',
    title: text(properties['title']) ?? shownAlarms[0]?.name ?? '',
    view,
    isStacked: properties['stacked'] === true,
    hasSparkline: properties['sparkline'] !== false,
    series: readSeries(store, metrics, range, { ...context, region }),
    left: axis(yAxis['left']),
    right: axis(yAxis['right']),
    horizontal: [...horizontals(annotations['horizontal']), ...fromAlarms.flatMap(({ line }) => line)],
    vertical: list(annotations['vertical']).flatMap((one) =>
      list(Array.isArray(one) ? one : [one]).flatMap((part) => {
        const at = Date.parse(String(object(part)['value']));
        return Number.isFinite(at) ? [{ at, label: text(object(part)['label']) }] : [];
      }),
    ),
    ...range,
  };
};

const alarmList = (properties: Properties, { alarms }: WidgetSources): WidgetContent => {
  const states = list(properties['states']);
  const shown = list(properties['alarms'])
    .flatMap((arn) => alarms.get(String(arn)) ?? [])
    .filter(({ state }) => states.length === 0 || states.includes(state));
  if (properties['sortBy'] === 'stateUpdatedTimestamp') shown.sort((a, b) => b.stateUpdatedAt - a.stateUpdatedAt);
  return {
    kind: 'alarms',
    title: text(properties['title']) ?? 'Alarms',
    alarms: shown.map(({ name, state, stateReason, stateTransitionedAt }) => ({
      name,
      state,
      reason: stateReason,
      since: stateTransitionedAt,
    })),
  };
};

/** `SOURCE 'group' | SOURCE 'other' | fields …`: the groups, and the query itself. */
const SOURCE = /^\s*SOURCE\s+((?:'[^']+'|"[^"]+")(?:\s*,\s*(?:'[^']+'|"[^"]+"))*)\s*\|/i;

const logTable = (properties: Properties, range: TimeRange, sources: WidgetSources, context: RequestContext) => {
  let queryString = text(properties['query']) ?? '';
  const logGroupNames: string[] = [];
  for (let match = SOURCE.exec(queryString); match !== null; match = SOURCE.exec(queryString)) {
    logGroupNames.push(...(match[1] as string).split(',').map((name) => name.trim().slice(1, -1)));
    queryString = queryString.slice(match[0].length);
  }
  const region = text(properties['region']) ?? context.region;
  const [startTime, endTime] = [Math.floor(range.start / 1_000), Math.ceil(range.end / 1_000)];
  const query = { logGroupNames, queryString, startTime, endTime };
  const own = { ...context, region };
  const { queryId } = sources.logs('StartQuery', query, own) as { queryId: string };
  const { results } = sources.logs('GetQueryResults', { queryId }, own) as {
    results: readonly (readonly { readonly field: string; readonly value: string }[])[];
  };
  const rows = results.map((row) => new Map(row.map(({ field, value }) => [field, value])));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))].filter((field) => field !== '@ptr');
  return {
    kind: 'log' as const,
    title: text(properties['title']) ?? '',
    columns,
    rows: rows.map((row) => columns.map((column) => row.get(column) ?? '')),
  };
};

/** A widget of a dashboard with its data; what cannot be drawn says so, and leaves the others alone. */
export const widgetContent = (
  widget: Properties,
  range: TimeRange,
  sources: WidgetSources,
  context: RequestContext,
): WidgetContent => {
  const properties = object(widget['properties']);
  const title = text(properties['title']) ?? '';
  try {
    switch (widget['type']) {
      case 'metric':
        return chartView(properties, range, sources, context);
      case 'text':
        return { kind: 'text', markdown: text(properties['markdown']) ?? '' };
      case 'log':
        return logTable(properties, range, sources, context);
      case 'alarm':
        return alarmList(properties, sources);
      default:
        return { kind: 'note', title, text: `Holdfast does not draw widgets of type ${String(widget['type'])}.` };
    }
  } catch (error) {
    if (error instanceof ServiceError) return { kind: 'note', title, text: error.message };
    throw error;
  }
};
