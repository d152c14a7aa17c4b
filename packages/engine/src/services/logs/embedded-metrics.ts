import { DAY_MS, type EpochMs, HOUR_MS, memberOf, setMember } from '@holdfast/kernel';
import type { MetricPoint } from '../../core/index.ts';

type Points = Omit<MetricPoint, 'account' | 'region'>[];

/** What a log event said in embedded metric format; `error` counts into AWS/Logs. */
export interface EmbeddedMetrics {
  readonly points: Points;
  readonly error?: 'EMFParsingErrors' | 'EMFValidationErrors';
}

const METRICS_MAX = 100;
const DIMENSIONS_MAX = 30;
const VALUES_MAX = 100;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * HOUR_MS;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const INVALID = Symbol('invalid');

const numbersOf = (value: unknown): readonly number[] | typeof INVALID => {
  const values = Array.isArray(value) ? value : [value];
  return values.length <= VALUES_MAX && values.every((item) => typeof item === 'number' && Number.isFinite(item))
    ? (values as number[])
    : INVALID;
};

const dimensionsOf = (
  names: readonly string[],
  root: Record<string, unknown>,
): Record<string, string> | typeof INVALID => {
  if (names.length > DIMENSIONS_MAX) return INVALID;
  const dimensions: Record<string, string> = {};
  for (const name of names) {
    const value = memberOf(root, name);
    if (typeof value !== 'string' || value === '' || value.length > 1_024) return INVALID;
    setMember(dimensions, name, value);
  }
  return dimensions;
};

/** Reads one directive; `false` when it breaks a rule, and then nothing of the event counts. */
const readDirective = (directive: unknown, root: Record<string, unknown>, at: number, points: Points): boolean => {
  if (!isRecord(directive)) return false;
  const { Namespace: namespace, Dimensions: sets = [[]], Metrics: metrics } = directive;
  if (typeof namespace !== 'string' || namespace === '' || !Array.isArray(sets) || !Array.isArray(metrics))
    return false;
  if (metrics.length > METRICS_MAX || !sets.every(isStrings)) return false;
  const dimensionSets = (sets.length === 0 ? [[]] : (sets as string[][])).map((names) => dimensionsOf(names, root));
  if (dimensionSets.includes(INVALID)) return false;
  for (const metric of metrics) {
    if (!isRecord(metric) || typeof metric['Name'] !== 'string') return false;
    const {
      Name: name,
      Unit: unit,
      StorageResolution: resolution,
    } = metric as Record<string, unknown> & { Name: string };
    if (unit !== undefined && typeof unit !== 'string') return false;
    if (!Object.hasOwn(root, name)) continue;
    const values = numbersOf(root[name]);
    if (values === INVALID) return false;
    for (const dimensions of dimensionSets as Record<string, string>[]) {
      for (const value of values) {
        points.push({ namespace, name, unit, value, at, dimensions, isHighResolution: resolution === 1 });
      }
    }
  }
  return true;
};

/** Time, request id and level, as Lambda's Node.js puts them before a message. */
const LAMBDA_PREFIX = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t[A-Z]+\t/;

/**
 * Reads a log event in CloudWatch embedded metric format; `undefined` for every other text, decided without parsing
 * it. A line counts that is the JSON document itself, and one with the prefix that Lambda's text log format puts
 * before what `console.log` writes in Node.js: AWS's own library for the format writes those.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const embeddedMetricsOf = (message: string, now: EpochMs): EmbeddedMetrics | undefined => {
  if (!message.includes('"_aws"')) return undefined;
  const prefix = LAMBDA_PREFIX.exec(message)?.[0] ?? '';
  if (message.charCodeAt(prefix.length) !== 0x7b) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(message.slice(prefix.length));
  } catch {
    if (prefix !== '') return undefined;
    return { points: [], error: 'EMFParsingErrors' };
  }
  if (!isRecord(root) || !isRecord(root['_aws'])) return undefined;
  const { Timestamp: at, CloudWatchMetrics: directives } = root['_aws'];
  if (directives === undefined) return undefined;
  if (typeof at !== 'number' || !Array.isArray(directives)) return { points: [], error: 'EMFValidationErrors' };
  if (at < now - OLDEST_MS || at > now + NEWEST_MS) return { points: [], error: 'EMFValidationErrors' };
  const points: Points = [];
  for (const directive of directives) {
    if (!readDirective(directive, root, at, points)) return { points: [], error: 'EMFValidationErrors' };
  }
  return { points };
};
