/** Values by metric name, counts unless a unit is named. */
export type MetricCounts = Readonly<Record<string, number>>;

/**
 * One log line in CloudWatch's embedded metric format, with counts under a namespace and, unless they are given, **no dimensions**.
 *
 * Powertools' Metrics always adds a `service` dimension, and an alarm on the bare metric would never see a value.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const embeddedMetrics = (
  namespace: string,
  counts: MetricCounts,
  now: number,
  Unit: 'Count' | 'Seconds' = 'Count',
  dimensions: Readonly<Record<string, string>> = {},
): string =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [Object.keys(dimensions)],
          Metrics: Object.keys(counts).map((Name) => ({ Name, Unit })),
        },
      ],
    },
    ...dimensions,
    ...counts,
  });

/** Receives one metrics document per call. */
export type MetricSink = (line: string) => void;

/** Straight to standard output: `console.log` would put time and request id in front, and the line must be bare JSON. */
export const standardOutput: MetricSink = (line) => {
  process.stdout.write(`${line}\n`);
};
