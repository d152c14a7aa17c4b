import type { MetricTransformation, StandardUnit } from '@aws-sdk/client-cloudwatch-logs';
import { type EpochMs, MINUTE_MS, setMember } from '@holdfast/kernel';
import { Constraints, isObject, type MetricPoint, refuseUnmodelled } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { compileFilterPattern, type FilterPattern } from './filter-pattern.ts';

export interface StoredTransformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  readonly metricValue: string;
  readonly defaultValue?: number | undefined;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
  readonly unit?: StandardUnit | undefined;
}

/** A metric filter as stored. */
export interface StoredMetricFilter {
  readonly groupId: string;
  readonly name: string;
  readonly pattern: string;
  readonly transformation: StoredTransformation;
  readonly createdAt: EpochMs;
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const DIMENSIONS_MAX = 3;

/** A transformation as AWS prints it in refusals. */
const shown = (transformation: MetricTransformation): string => {
  const { metricName, metricNamespace, metricValue, defaultValue, unit, dimensions } = transformation;
  const members = { metricName, metricNamespace, metricValue, defaultValue, unit, dimensions };
  const text = Object.entries(members).map(
    ([name, value]) => `${name}=${isObject(value) ? javaMap(value) : (value ?? null)}`,
  );
  return `MetricTransformation(${text.join(', ')})`;
};

const javaMap = (map: object): string =>
  `{${Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')}}`;

/** Checks what PutMetricFilter allows: one transformation, at most three dimensions, no default beside dimensions. */
export const checkTransformation = (
  transformations: readonly MetricTransformation[] | undefined,
): StoredTransformation => {
  const constraints = new Constraints()
    .required('metricTransformations', transformations)
    .length('metricTransformations', transformations?.map(shown), 1, 1);
  const [transformation] = transformations ?? [];
  if (transformation !== undefined) {
    constraints
      .required('metricTransformations.1.member.metricName', transformation.metricName)
      .required('metricTransformations.1.member.metricNamespace', transformation.metricNamespace)
      .required('metricTransformations.1.member.metricValue', transformation.metricValue)
      .length('metricTransformations.1.member.metricName', transformation.metricName, 1, 255)
      .pattern('metricTransformations.1.member.metricName', transformation.metricName, /^[^:*$]*$/, '[^:*$]*')
      .length('metricTransformations.1.member.metricNamespace', transformation.metricNamespace, 1, 255)
      // The documented pattern forbids colons, AWS takes them.
      .pattern('metricTransformations.1.member.metricNamespace', transformation.metricNamespace, /^[^*$]*$/, '[^:*$]*')
      .length('metricTransformations.1.member.metricValue', transformation.metricValue, 1, 100);
  }
  constraints.check('InvalidParameterException');
  const checked = transformation as MetricTransformation;
  refuseUnmodelled(
    checked,
    ['metricName', 'metricNamespace', 'metricValue', 'defaultValue', 'dimensions', 'unit'],
    'PutMetricFilter metricTransformations',
  );
  const value = checked.metricValue as string;
  if (!NUMBER.test(value) && !value.startsWith('$')) {
    throw invalidParameter('Invalid metric transformation: metricValue must be a number or a selector.');
  }
  const dimensions = Object.entries(checked.dimensions ?? {});
  if (dimensions.length > 0 && checked.defaultValue !== undefined) {
    throw invalidParameter(
      'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
    );
  }
  if (dimensions.length > DIMENSIONS_MAX) {
    throw invalidParameter(`Invalid metric transformation: at most ${DIMENSIONS_MAX} dimensions are allowed.`);
  }
  if (dimensions.some(([, selector]) => !selector.startsWith('$'))) {
    throw invalidParameter('Invalid metric transformation: dimension values must be selectors.');
  }
  return checked as StoredTransformation;
};

/** Turns log events into metric values. */
export class MetricFilter {
  readonly stored: StoredMetricFilter;
  readonly #pattern: FilterPattern;
  #lastMinute: EpochMs | undefined;

  constructor(stored: StoredMetricFilter) {
    this.stored = stored;
    this.#pattern = compileFilterPattern(stored.pattern);
  }

  /**
   * Values of the events that match. The default value is given at most once per minute, when events came and none
   * matched yet (approximates CloudWatch, which decides at the end of the minute).
   */
  *values(events: readonly { at: EpochMs; message: string }[]): Generator<Omit<MetricPoint, 'account' | 'region'>> {
    const { metricName: name, metricNamespace: namespace, unit, defaultValue } = this.stored.transformation;
    let matched = false;
    for (const { at, message } of events) {
      if (!this.#pattern.matches(message)) continue;
      const value = this.#value(message);
      const dimensions = this.#dimensions(message);
      if (value === undefined || dimensions === undefined) continue;
      matched = true;
      this.#lastMinute = Math.floor(at / MINUTE_MS);
      yield { namespace, name, value, at, unit, dimensions };
    }
    const last = events.at(-1);
    if (matched || defaultValue === undefined || last === undefined) return;
    const minute = Math.floor(last.at / MINUTE_MS);
    if (minute === this.#lastMinute) return;
    this.#lastMinute = minute;
    yield { namespace, name, value: defaultValue, at: last.at, unit };
  }

  #value(message: string): number | undefined {
    const source = this.stored.transformation.metricValue;
    const value = source.startsWith('$') ? this.#pattern.extract(message, source) : source;
    if (typeof value === 'number') return value;
    return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined;
  }

  /** `undefined` when a dimension is missing in the event: it then counts nowhere. */
  #dimensions(message: string): Record<string, string> | undefined {
    const dimensions: Record<string, string> = {};
    for (const [name, selector] of Object.entries(this.stored.transformation.dimensions ?? {})) {
      const value = this.#pattern.extract(message, selector);
      if (value === undefined || value === null || typeof value === 'object' || value === '') return undefined;
      setMember(dimensions, name, String(value));
    }
    return dimensions;
  }
}
