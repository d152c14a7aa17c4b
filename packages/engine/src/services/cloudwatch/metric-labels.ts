import type { MetricStat } from '@aws-sdk/client-cloudwatch';
import type { EpochMs } from '@holdfast/kernel';
import { notSupported } from '../../core/index.ts';

/** What a series is of, as far as labels tell. */
export interface LabelFacts {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly (readonly [string, string])[];
  readonly stat: string;
  readonly periodSeconds: number;
}

export const factsOf = (stat: MetricStat): LabelFacts => ({
  namespace: stat.Metric?.Namespace ?? '',
  name: stat.Metric?.MetricName ?? '',
  dimensions: (stat.Metric?.Dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? ''] as const),
  stat: stat.Stat ?? '',
  periodSeconds: stat.Period ?? 0,
});

/**
 * Labels that CloudWatch makes up: the metric's name, and whatever else tells the series apart: dimensions, statistic,
 * period (`metric1 Sum 60`).
 */
export const defaultLabels = (all: readonly LabelFacts[]): readonly string[] => {
  const values = (of: LabelFacts): string => of.dimensions.map(([, value]) => value).join(' ');
  const differ = (read: (of: LabelFacts) => unknown): boolean => new Set(all.map(read)).size > 1;
  const parts: ((of: LabelFacts) => string)[] = [];
  const isNamed = differ(({ name }) => name);
  const isPlaced = differ(values);
  if (isPlaced) parts.push(values);
  // Dimensions tell series of one metric apart, names tell those of several.
  if (isNamed || !isPlaced) parts.push(({ name }) => name);
  if (!isNamed) {
    if (!isPlaced && differ(({ namespace }) => namespace)) parts.unshift(({ namespace }) => namespace);
    if (differ(({ stat }) => stat)) parts.push(({ stat }) => stat);
    if (differ(({ periodSeconds }) => periodSeconds)) parts.push(({ periodSeconds }) => String(periodSeconds));
  }
  return all.map((of) =>
    parts
      .map((part) => part(of))
      .filter((part) => part !== '')
      .join(' '),
  );
};

/** Three decimals at most. */
const shown = (value: number | undefined): string => (value === undefined ? '--' : String(Number(value.toFixed(3))));

const FUNCTIONS: Readonly<Record<string, (points: readonly (readonly [EpochMs, number])[]) => string>> = {
  AVG: (points) => shown(points.reduce((sum, [, value]) => sum + value, 0) / points.length),
  DATAPOINT_COUNT: (points) => String(points.length),
  FIRST: (points) => shown(points[0]?.[1]),
  FIRST_TIME: (points) => timeOf(points[0]),
  LAST: (points) => shown(points.at(-1)?.[1]),
  LAST_TIME: (points) => timeOf(points.at(-1)),
  MAX: (points) => shown(extreme(points, 1)?.[1]),
  MAX_TIME: (points) => timeOf(extreme(points, 1)),
  MIN: (points) => shown(extreme(points, -1)?.[1]),
  MIN_MAX: (points) => `${shown(extreme(points, -1)?.[1])} - ${shown(extreme(points, 1)?.[1])}`,
  MIN_TIME: (points) => timeOf(extreme(points, -1)),
  SUM: (points) => shown(points.reduce((sum, [, value]) => sum + value, 0)),
};

const extreme = (points: readonly (readonly [EpochMs, number])[], sign: 1 | -1) =>
  points.reduce<readonly [EpochMs, number] | undefined>(
    (best, point) => (best === undefined || sign * point[1] > sign * best[1] ? point : best),
    undefined,
  );

const timeOf = (point: readonly [EpochMs, number] | undefined): string =>
  point === undefined ? '--' : new Date(point[0]).toISOString().replace('.000Z', 'Z');

const DYNAMIC = /\$\{\s*([^}]*?)\s*\}/g;
const PROPERTY = /^PROP\(\s*'([^']+)'\s*\)$/;

export const isDynamic = (label: string): boolean => label.search(DYNAMIC) >= 0;

/** Refuses functions of dynamic labels that are not modelled, by name. */
export const checkLabel = (label: string): void => {
  for (const [, content = ''] of label.matchAll(DYNAMIC)) {
    if (content === 'LABEL' || content in FUNCTIONS || PROPERTY.test(content)) continue;
    throw notSupported(`\${${content}} in labels`);
  }
};

/**
 * Fills a dynamic label: `p99 ${MAX}`, `${PROP('Dim.QueueName')}`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
export const filledLabel = (
  label: string,
  own: string,
  facts: LabelFacts | undefined,
  where: { readonly account: string; readonly region: string },
  points: readonly (readonly [EpochMs, number])[],
): string =>
  label.replace(DYNAMIC, (_, content: string) => {
    if (content === 'LABEL') return own;
    const property = PROPERTY.exec(content)?.[1];
    if (property === undefined) return points.length === 0 ? '--' : (FUNCTIONS[content]?.(points) ?? '--');
    if (property === 'AccountId') return where.account;
    if (property === 'Region') return where.region;
    if (facts === undefined) return '--';
    if (property.startsWith('Dim.')) {
      return facts.dimensions.find(([name]) => name === property.slice(4))?.[1] ?? '--';
    }
    const known: Record<string, string> = {
      MetricName: facts.name,
      Namespace: facts.namespace,
      Stat: facts.stat,
      Period: String(facts.periodSeconds),
    };
    return known[property] ?? '--';
  });
