import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';

/** One metric or expression of a widget, with how it is shown. */
export interface WidgetMetric {
  readonly query: MetricDataQuery;
  readonly region: string | undefined;
  readonly color: string | undefined;
  readonly axis: 'left' | 'right';
}

type Options = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Options =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Fills `.` from the row above, and `...` with as much of it as the row lacks. */
const filled = (row: readonly string[], above: readonly string[]): string[] => {
  const dots = row.indexOf('...');
  const rest = dots < 0 ? 0 : row.length - dots - 1;
  const spread = dots < 0 ? row : [...above.slice(0, Math.max(0, above.length - rest)), ...row.slice(dots + 1)];
  return spread.map((part, index) => (part === '.' ? (above[index] ?? part) : part));
};

/**
 * Reads the `metrics` of a widget: `[namespace, name, dimension, value, …, {options}]` and `[{expression}]`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export const readWidgetMetrics = (
  rows: readonly unknown[],
  defaults: { readonly stat: string; readonly periodSeconds: number },
): readonly WidgetMetric[] => {
  const taken = new Set(rows.flatMap((row) => (Array.isArray(row) && isObject(row.at(-1)) ? [row.at(-1).id] : [])));
  let nextId = 1;
  const freshId = (): string => {
    while (taken.has(`m${nextId}`)) nextId += 1;
    return `m${nextId++}`;
  };
  let above: string[] = [];
  return rows.flatMap((row): WidgetMetric[] => {
    if (!Array.isArray(row)) return [];
    const options: Options = isObject(row.at(-1)) ? row.at(-1) : {};
    const parts = row.filter((part): part is string => typeof part === 'string');
    const shared = {
      Id: text(options['id']) ?? freshId(),
      ReturnData: options['visible'] !== false,
      ...(text(options['label']) === undefined ? {} : { Label: text(options['label']) }),
    };
    const shown = {
      region: text(options['region']),
      color: text(options['color']),
      axis: options['yAxis'] === 'right' ? ('right' as const) : ('left' as const),
    };
    const Period = number(options['period']) ?? defaults.periodSeconds;
    const expression = text(options['expression']);
    if (expression !== undefined) return [{ query: { ...shared, Expression: expression, Period }, ...shown }];
    above = filled(parts, above);
    const [Namespace, MetricName, ...pairs] = above;
    const Dimensions = pairs.flatMap((Name, index) =>
      index % 2 === 0 ? [{ Name, Value: pairs[index + 1] as string }] : [],
    );
    const Stat = text(options['stat']) ?? defaults.stat;
    return [
      { query: { ...shared, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat } }, ...shown },
    ];
  });
};
