import type { EpochMs } from '@holdfast/kernel';
import { type BinaryOperator, type Expression, expressionError, type MathFunction } from './math-syntax.ts';
import type { LabelFacts } from './metric-labels.ts';

/** A time series: values by start of period, oldest first; missing periods are not there. */
export interface TimeSeries {
  readonly periodMs: number;
  readonly values: ReadonlyMap<EpochMs, number>;
  /** What it is of, where SEARCH found it. */
  readonly facts?: LabelFacts | undefined;
}

/** What an expression can come to. */
export type MathValue = number | string | TimeSeries | readonly TimeSeries[];

/** What an expression is evaluated in. */
export interface MathScope {
  /** Id of the expression, for errors. */
  readonly id: string;
  readonly start: EpochMs;
  readonly end: EpochMs;
  /** Series of another query by its id. */
  seriesOf(id: string): MathValue;
  /** All series that come from metrics and not from expressions, for METRICS(). */
  /** Series of all metrics that a search finds, for SEARCH(). */
  search(search: string, stat: string, periodSeconds: number | undefined): readonly TimeSeries[];
  readonly metrics: () => readonly { readonly id: string; readonly series: TimeSeries }[];
}

const isSeries = (value: MathValue): value is TimeSeries => typeof value === 'object' && !Array.isArray(value);
const isArray = (value: MathValue): value is readonly TimeSeries[] => Array.isArray(value);

const map = (series: TimeSeries, change: (value: number, at: EpochMs) => number): TimeSeries => ({
  ...series,
  values: new Map(Array.from(series.values, ([at, value]) => [at, change(value, at)])),
});

const truth = (isTrue: boolean): number => (isTrue ? 1 : 0);

const OPERATORS: Readonly<Record<BinaryOperator, (left: number, right: number) => number>> = {
  '||': (left, right) => truth(left !== 0 || right !== 0),
  '&&': (left, right) => truth(left !== 0 && right !== 0),
  '==': (left, right) => truth(left === right),
  '!=': (left, right) => truth(left !== right),
  '<': (left, right) => truth(left < right),
  '<=': (left, right) => truth(left <= right),
  '>': (left, right) => truth(left > right),
  '>=': (left, right) => truth(left >= right),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
};

/** Values that are no number (division by zero) are left out, as in CloudWatch. */
const finite = (series: TimeSeries): TimeSeries => ({
  ...series,
  values: new Map([...series.values].filter(([, value]) => Number.isFinite(value))),
});

const combine = (
  left: MathValue,
  right: MathValue,
  operate: (left: number, right: number) => number,
  scope: MathScope,
): MathValue => {
  if (isArray(left)) return left.map((series) => combine(series, right, operate, scope) as TimeSeries);
  if (isArray(right)) return right.map((series) => combine(left, series, operate, scope) as TimeSeries);
  if (typeof left === 'string' || typeof right === 'string') throw expressionError(scope.id, 'Unexpected text.');
  if (typeof left === 'number' && typeof right === 'number') return operate(left, right);
  if (typeof left === 'number') return finite(map(right as TimeSeries, (value) => operate(left, value)));
  if (typeof right === 'number') return finite(map(left, (value) => operate(value, right)));
  const values = new Map<EpochMs, number>();
  for (const [at, value] of left.values) {
    const other = right.values.get(at);
    if (other !== undefined) values.set(at, operate(value, other));
  }
  return finite({ periodMs: Math.max(left.periodMs, right.periodMs), values });
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const AGGREGATES: Partial<Record<MathFunction, (values: readonly number[]) => number>> = {
  SUM: sum,
  AVG: (values) => sum(values) / values.length,
  STDDEV: (values) => {
    const mean = sum(values) / values.length;
    return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
  },
  MIN: (values) => values.reduce((least, value) => Math.min(least, value)),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value)),
};

/** One series: a number over time. Several: one series, period by period, over those that have a value there. */
const aggregate = (value: MathValue, compute: (values: readonly number[]) => number, scope: MathScope): MathValue => {
  if (isSeries(value)) return value.values.size === 0 ? 0 : compute([...value.values.values()]);
  if (!isArray(value)) throw expressionError(scope.id, 'Expected a time series.');
  const byTime = new Map<EpochMs, number[]>();
  for (const series of value) {
    for (const [at, number] of series.values) {
      const numbers = byTime.get(at);
      if (numbers === undefined) byTime.set(at, [number]);
      else numbers.push(number);
    }
  }
  const values = [...byTime].sort((a, b) => a[0] - b[0]).map(([at, numbers]) => [at, compute(numbers)] as const);
  return { periodMs: Math.max(0, ...value.map(({ periodMs }) => periodMs)), values: new Map(values) };
};

/** Data points that FILL makes at most: what one answer can hold. */
const FILLED_MAX = 100_800;

const fill = (series: TimeSeries, filler: MathValue, scope: MathScope): TimeSeries => {
  if (series.periodMs <= 0) return series;
  if ((scope.end - scope.start) / series.periodMs > FILLED_MAX) {
    throw expressionError(scope.id, 'FILL over this time range gives too many data points.');
  }
  const values = new Map<EpochMs, number>();
  let last: number | undefined;
  const first = Math.floor(scope.start / series.periodMs) * series.periodMs;
  for (let at = first; at < scope.end; at += series.periodMs) {
    let value = series.values.get(at);
    if (value === undefined) {
      if (typeof filler === 'number') value = filler;
      else if (filler === 'REPEAT') value = last;
      else if (filler === 'LINEAR') value = between(series, at);
      else if (isSeries(filler)) value = filler.values.get(at);
      else throw expressionError(scope.id, 'FILL takes a number, a time series, REPEAT or LINEAR.');
    }
    if (value !== undefined) {
      values.set(at, value);
      last = value;
    }
  }
  return { ...series, values };
};

/** On the line between the neighbours; nothing before the first value and after the last. */
const between = (series: TimeSeries, at: EpochMs): number | undefined => {
  let before: readonly [EpochMs, number] | undefined;
  for (const point of series.values) {
    if (point[0] < at) before = point;
    else if (before !== undefined) {
      return before[1] + ((point[1] - before[1]) * (at - before[0])) / (point[0] - before[0]);
    } else return undefined;
  }
  return undefined;
};

/** Change from the value before; RATE divides it by the seconds between. */
const differences = (series: TimeSeries, isPerSecond: boolean): TimeSeries => {
  const values = new Map<EpochMs, number>();
  let before: readonly [EpochMs, number] | undefined;
  for (const [at, value] of series.values) {
    if (before !== undefined) {
      values.set(at, (value - before[1]) / (isPerSecond ? (at - before[0]) / 1_000 : 1));
    }
    before = [at, value];
  }
  return { periodMs: series.periodMs, values };
};

const each = (value: MathValue, change: (series: TimeSeries) => TimeSeries, scope: MathScope): MathValue => {
  if (isArray(value)) return value.map(change);
  if (!isSeries(value)) throw expressionError(scope.id, 'Expected a time series.');
  return change(value);
};

const choose = (condition: MathValue, yes: MathValue, no: MathValue, scope: MathScope): MathValue => {
  if (typeof condition === 'number') return condition === 0 ? no : yes;
  if (!isSeries(condition) || isArray(yes) || isArray(no)) throw expressionError(scope.id, 'IF takes time series.');
  const pick = (value: MathValue, at: EpochMs): number | undefined =>
    typeof value === 'number' ? value : isSeries(value) ? value.values.get(at) : undefined;
  const values = new Map<EpochMs, number>();
  for (const [at, flag] of condition.values) {
    const value = pick(flag === 0 ? no : yes, at);
    if (value !== undefined) values.set(at, value);
  }
  return { periodMs: condition.periodMs, values };
};

const UNARY: Partial<Record<MathFunction, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  LOG: Math.log,
  LOG10: Math.log10,
};

/** A number as a series that has it in every period of the range, as long as the periods of the metrics beside it. */
const constant = (value: number, scope: MathScope): TimeSeries => {
  const periodMs = Math.max(60_000, ...scope.metrics().map(({ series }) => series.periodMs));
  return fill({ periodMs, values: new Map() }, value, scope);
};

const call = (name: MathFunction, given: readonly MathValue[], scope: MathScope): MathValue => {
  const [first, second, third] = given;
  if (name === 'METRICS') {
    const filter = typeof first === 'string' ? first : '';
    return scope
      .metrics()
      .filter(({ id }) => id.includes(filter))
      .map(({ series }) => series);
  }
  if (first === undefined) throw expressionError(scope.id, `${name} needs a parameter.`);
  const compute = AGGREGATES[name];
  if (compute !== undefined) return aggregate(first, compute, scope);
  const unary = UNARY[name];
  if (unary !== undefined) {
    return typeof first === 'number' ? unary(first) : each(first, (series) => finite(map(series, unary)), scope);
  }
  switch (name) {
    case 'FILL':
      if (second === undefined) throw expressionError(scope.id, 'FILL needs two parameters.');
      return each(first, (series) => fill(series, second, scope), scope);
    case 'DIFF':
    case 'RATE':
      return each(first, (series) => differences(series, name === 'RATE'), scope);
    case 'RUNNING_SUM': {
      return each(
        first,
        (series) => {
          let total = 0;
          return map(series, (value) => {
            total += value;
            return total;
          });
        },
        scope,
      );
    }
    case 'PERIOD':
      if (!isSeries(first)) throw expressionError(scope.id, 'PERIOD takes a time series.');
      return first.periodMs / 1_000;
    case 'SEARCH': {
      if (typeof first !== 'string' || typeof second !== 'string') {
        throw expressionError(scope.id, 'SEARCH takes a search expression, a statistic and a period.');
      }
      return scope.search(first, second, typeof third === 'number' ? third : undefined);
    }
    case 'REMOVE_EMPTY':
      if (!isArray(first)) throw expressionError(scope.id, 'REMOVE_EMPTY takes a list of time series.');
      return first.filter(({ values }) => values.size > 0);
    case 'TIME_SERIES':
      if (typeof first !== 'number') throw expressionError(scope.id, 'TIME_SERIES takes a number.');
      return constant(first, scope);
    case 'DATAPOINT_COUNT':
      if (!isSeries(first)) throw expressionError(scope.id, 'DATAPOINT_COUNT takes a time series.');
      return first.values.size;
    default:
      if (second === undefined) throw expressionError(scope.id, 'IF needs two or three parameters.');
      return choose(first, second, third ?? { periodMs: 0, values: new Map() }, scope);
  }
};

/** Computes an expression over series. */
export const evaluate = (expression: Expression, scope: MathScope): MathValue => {
  switch (expression.kind) {
    case 'number':
    case 'text':
      return expression.value;
    case 'id':
      return scope.seriesOf(expression.id);
    case 'list':
      return expression.items.flatMap((item) => {
        const value = evaluate(item, scope);
        if (isSeries(value)) return [value];
        if (isArray(value)) return [...value];
        throw expressionError(scope.id, 'A list holds time series.');
      });
    case 'unary': {
      const operand = evaluate(expression.operand, scope);
      return expression.operator === '-'
        ? combine(0, operand, (zero, value) => zero - value, scope)
        : combine(0, operand, (_, value) => truth(value === 0), scope);
    }
    case 'binary':
      return combine(
        evaluate(expression.left, scope),
        evaluate(expression.right, scope),
        OPERATORS[expression.operator],
        scope,
      );
    case 'call':
      return call(
        expression.name,
        expression.parameters.map((parameter) => evaluate(parameter, scope)),
        scope,
      );
  }
};
