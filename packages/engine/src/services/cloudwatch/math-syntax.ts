import { notSupported, ServiceError } from '../../core/index.ts';

/** A parsed metric math expression. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'call'; readonly name: MathFunction; readonly parameters: readonly Expression[] };

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '^';

const FUNCTIONS = [
  'ABS',
  'AVG',
  'CEIL',
  'DATAPOINT_COUNT',
  'DIFF',
  'FILL',
  'FLOOR',
  'IF',
  'LOG',
  'LOG10',
  'MAX',
  'METRICS',
  'MIN',
  'PERIOD',
  'RATE',
  'REMOVE_EMPTY',
  'RUNNING_SUM',
  'SEARCH',
  'STDDEV',
  'SUM',
  'TIME_SERIES',
] as const;
export type MathFunction = (typeof FUNCTIONS)[number];

/** Operators by rising strength; all but the last bind to the left. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|(['"])(.*?)\3|(\|\||&&|[=!<>]=|[-+*/^<>!(),[\]]))/y;

type Token = { readonly kind: 'number' | 'name' | 'text' | 'symbol'; readonly text: string };

/** The error of an expression, as CloudWatch leads it in. */
export const expressionError = (id: string, reason: string): ServiceError =>
  new ServiceError('ValidationException', `Error in expression '${id}': ${reason}`, 400);

const tokenize = (source: string, id: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw expressionError(id, `Unexpected character at position ${at}.`);
    const [, number, name, , text, symbol] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (text !== undefined) tokens.push({ kind: 'text', text });
    else tokens.push({ kind: 'symbol', text: symbol as string });
  }
  return tokens;
};

/**
 * Reads a metric math expression: arithmetic, comparisons, logic and the functions listed above. Every other
 * function and Metrics Insights queries are refused by name.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const parseExpression = (source: string, id: string): Expression => {
  if (/^\s*SELECT\s/i.test(source)) throw notSupported('Metrics Insights queries');
  const tokens = tokenize(source, id);
  let position = 0;
  const take = (symbol: string): boolean => {
    const token = tokens[position];
    if (token?.kind !== 'symbol' || token.text !== symbol) return false;
    position += 1;
    return true;
  };
  const expect = (symbol: string): void => {
    if (!take(symbol)) throw expressionError(id, `Expected ${symbol}.`);
  };
  const list = (end: string): Expression[] => {
    const items: Expression[] = [];
    if (take(end)) return items;
    do items.push(binary(0));
    while (take(','));
    expect(end);
    return items;
  };

  const primary = (): Expression => {
    if (take('(')) {
      const inner = binary(0);
      expect(')');
      return inner;
    }
    if (take('[')) return { kind: 'list', items: list(']') };
    const token = tokens[position++];
    if (token === undefined) throw expressionError(id, 'Unexpected end of expression.');
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'text') return { kind: 'text', value: token.text };
    if (token.kind === 'symbol') throw expressionError(id, `Unexpected ${token.text}.`);
    if (take('(')) {
      const known = FUNCTIONS.find((name) => name === token.text);
      if (known === undefined) throw notSupported(`the metric math function ${token.text}`);
      return { kind: 'call', name: known, parameters: list(')') };
    }
    return token.text === 'REPEAT' || token.text === 'LINEAR'
      ? { kind: 'text', value: token.text }
      : { kind: 'id', id: token.text };
  };
  const power = (): Expression => {
    const left = primary();
    return take('^') ? { kind: 'binary', operator: '^', left, right: unary() } : left;
  };
  const unary = (): Expression => {
    if (take('-')) return { kind: 'unary', operator: '-', operand: unary() };
    if (take('!')) return { kind: 'unary', operator: '!', operand: unary() };
    return power();
  };
  const wordOperator = (): BinaryOperator | undefined => {
    const token = tokens[position];
    if (token?.kind === 'symbol') return token.text as BinaryOperator;
    if (token?.kind !== 'name') return undefined;
    return token.text === 'AND' ? '&&' : token.text === 'OR' ? '||' : undefined;
  };
  const binary = (level: number): Expression => {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const operator = wordOperator();
      if (operator === undefined || !operators.includes(operator)) return left;
      position += 1;
      left = { kind: 'binary', operator, left, right: binary(level + 1) };
    }
  };

  const expression = binary(0);
  if (position < tokens.length) throw expressionError(id, `Unexpected ${(tokens[position] as Token).text}.`);
  return expression;
};

/** Whether an expression uses a function anywhere. */
export const usesFunction = (expression: Expression, name: MathFunction): boolean => {
  switch (expression.kind) {
    case 'list':
      return expression.items.some((item) => usesFunction(item, name));
    case 'unary':
      return usesFunction(expression.operand, name);
    case 'binary':
      return usesFunction(expression.left, name) || usesFunction(expression.right, name);
    case 'call':
      return expression.name === name || expression.parameters.some((parameter) => usesFunction(parameter, name));
    default:
      return false;
  }
};

/** Ids that an expression uses directly. */
export const idsIn = (expression: Expression): string[] => {
  switch (expression.kind) {
    case 'id':
      return [expression.id];
    case 'list':
      return expression.items.flatMap(idsIn);
    case 'unary':
      return idsIn(expression.operand);
    case 'binary':
      return [...idsIn(expression.left), ...idsIn(expression.right)];
    case 'call':
      return expression.parameters.flatMap(idsIn);
    default:
      return [];
  }
};
