import { AGGREGATES } from './aggregates.ts';
import type { LogRecord, Row } from './log-record.ts';
import { FUNCTIONS } from './query-functions.ts';
import type { Column, Command, Expression } from './query-syntax.ts';
import { compare, numberOf, shownOf, textOf, type Value } from './query-value.ts';

/** Rows of one answer. */
export const ROWS_MAX = 10_000;

export interface QueryAnswer {
  readonly rows: readonly (readonly { readonly field: string; readonly value: string }[])[];
  readonly matched: number;
}

const isTrue = (value: Value): boolean => value === true || (typeof value === 'number' && value !== 0);

const arithmetic = (operator: string, left: Value, right: Value): Value => {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined) return undefined;
  const result = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b, '^': a ** b }[operator];
  return result === undefined || !Number.isFinite(result) ? undefined : result;
};

const comparison = (operator: string, left: Value, right: Value): boolean => {
  if (left === undefined || right === undefined) return operator === '!=' && left !== right;
  const order = compare(left, right);
  switch (operator) {
    case '=':
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
};

const fieldOf = (row: Row, name: string): Value =>
  row.values.has(name) ? row.values.get(name) : row.record?.field(name);

/** A run of a query over its log events. */
class Run {
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  value(expression: Expression, row: Row): Value {
    switch (expression.kind) {
      case 'value':
        return expression.value;
      case 'field':
        return fieldOf(row, expression.name);
      case 'regex':
        return expression.regex.source;
      case 'not':
        return !isTrue(this.value(expression.operand, row));
      case 'in': {
        const operand = this.value(expression.operand, row);
        return expression.values.some((one) => comparison('=', operand, this.value(one, row)));
      }
      case 'call': {
        const compute = FUNCTIONS[expression.name];
        const parameters = expression.parameters.map((parameter) => this.value(parameter, row));
        return compute?.(parameters, { timestamp: row.record?.at ?? 0, now: this.#now });
      }
      case 'binary':
        return this.#binary(expression, row);
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { kind: 'binary' }>, row: Row): Value {
    if (operator === 'and') return isTrue(this.value(left, row)) && isTrue(this.value(right, row));
    if (operator === 'or') return isTrue(this.value(left, row)) || isTrue(this.value(right, row));
    const first = this.value(left, row);
    if (operator === 'like' || operator === '=~') {
      if (first === undefined) return false;
      return right.kind === 'regex'
        ? right.regex.test(textOf(first))
        : textOf(first).includes(textOf(this.value(right, row)));
    }
    const second = this.value(right, row);
    return '+-*/%^'.includes(operator) ? arithmetic(operator, first, second) : comparison(operator, first, second);
  }

  compute(columns: readonly Column[], row: Row): void {
    for (const { name, expression } of columns) {
      if (expression.kind === 'field' && expression.name === name) continue;
      row.values.set(name, this.value(expression, row));
    }
  }

  /** An expression over a group: aggregates are computed, what is around them after, with the columns before it by their names. */
  #overGroup(expression: Expression, rows: readonly Row[], before: ReadonlyMap<string, Value>): Value {
    if (expression.kind === 'field' && before.has(expression.name)) return before.get(expression.name);
    const aggregate = expression.kind === 'call' ? AGGREGATES[expression.name] : undefined;
    if (expression.kind === 'call' && aggregate !== undefined) {
      const [of, parameter] = expression.parameters;
      const samples = rows.map((row) => ({
        value: of === undefined || (of.kind === 'value' && of.value === '*') ? true : this.value(of, row),
        at: row.record?.at ?? 0,
      }));
      return aggregate(samples, parameter?.kind === 'value' ? parameter.value : undefined);
    }
    const inner = (part: Expression): Expression => {
      const value = this.#overGroup(part, rows, before);
      return value === undefined
        ? { kind: 'field', name: '' }
        : { kind: 'value', value: typeof value === 'object' ? value.at : value };
    };
    const empty: Row = { values: new Map(), record: undefined };
    if (expression.kind === 'binary') {
      return this.value({ ...expression, left: inner(expression.left), right: inner(expression.right) }, empty);
    }
    if (expression.kind === 'call') {
      return this.value({ ...expression, parameters: expression.parameters.map(inner) }, empty);
    }
    return this.value(expression, rows[0] ?? empty);
  }

  stats(columns: readonly Column[], by: readonly Column[], rows: readonly Row[]): Row[] {
    const groups = new Map<string, { readonly keys: Map<string, Value>; readonly rows: Row[] }>();
    for (const row of rows) {
      const keys = new Map(by.map(({ name, expression }) => [name, this.value(expression, row)]));
      const id = JSON.stringify([...keys.values()].map((value) => (value === undefined ? null : textOf(value))));
      const group = groups.get(id) ?? { keys, rows: [] };
      groups.set(id, group);
      group.rows.push(row);
    }
    if (by.length === 0 && groups.size === 0) groups.set('', { keys: new Map(), rows: [] });
    return [...groups.values()].map((group) => {
      const values = new Map(group.keys);
      for (const { name, expression } of columns) values.set(name, this.#overGroup(expression, group.rows, values));
      return { values, record: undefined };
    });
  }
}

const ofKeys = (rows: readonly Row[], keyOf: (row: Row) => string): Row[] => {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = keyOf(row);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

/** Runs the commands of a query, one after the other, over log events, newest first. */
export const runQuery = (
  commands: readonly Command[],
  records: Iterable<LogRecord>,
  now: number,
  limit = ROWS_MAX,
): QueryAnswer => {
  const run = new Run(now);
  let rows: Row[] = Array.from(records, (record) => ({ values: new Map(), record }));
  let shown: string[] | undefined;
  let parsed: string[] = [];
  let isGrouped = false;
  let count = limit;
  let matched = rows.length;
  for (const command of commands) {
    switch (command.kind) {
      case 'fields':
        for (const row of rows) run.compute(command.columns, row);
        shown = [...new Set([...(shown ?? []), ...command.columns.map(({ name }) => name)])];
        break;
      case 'display':
        for (const row of rows) run.compute(command.columns, row);
        shown = command.columns.map(({ name }) => name);
        break;
      case 'filter':
        rows = rows.filter((row) => isTrue(run.value(command.condition, row)));
        if (!isGrouped) matched = rows.length;
        break;
      case 'parse':
        for (const row of rows) {
          const match = command.pattern.exec(textOf(run.value(command.field, row)));
          command.names.forEach((name, index) => {
            row.values.set(name, match?.groups?.[name] ?? match?.[index + 1]);
          });
        }
        parsed = [...parsed, ...command.names];
        break;
      case 'stats':
        rows = run.stats(command.columns, command.by, rows);
        shown = [...command.by, ...command.columns].map(({ name }) => name);
        isGrouped = true;
        break;
      case 'sort':
        rows.sort((a, b) => {
          for (const { expression, isDescending } of command.keys) {
            const order = compare(run.value(expression, a), run.value(expression, b));
            if (order !== 0) return isDescending ? -order : order;
          }
          return 0;
        });
        break;
      case 'dedup':
        rows = ofKeys(rows, (row) => JSON.stringify(command.fields.map((field) => textOf(run.value(field, row)))));
        break;
      case 'limit':
        count = Math.min(command.count, ROWS_MAX);
        rows = rows.slice(0, count);
        break;
    }
  }
  const columns = shown ?? [...new Set(['@timestamp', '@message', ...parsed])];
  return {
    matched,
    rows: rows.slice(0, count).map((row) => {
      const cells = columns.flatMap((field) => {
        const value = fieldOf(row, field);
        return value === undefined ? [] : [{ field, value: shownOf(value) }];
      });
      return row.record === undefined ? cells : [...cells, { field: '@ptr', value: row.record.pointer }];
    }),
  };
};
