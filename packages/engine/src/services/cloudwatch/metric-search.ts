import { expressionError } from './math-syntax.ts';
import type { Metric } from './metric-store.ts';

/** A search expression, parsed: which metrics it finds. */
export type MetricSearch = (metric: Metric) => boolean;

/** Metrics that one SEARCH gives at most. */
export const SEARCH_RESULTS_MAX = 500;

const TOKEN = /\s*(?:\{([^}]*)\}|(\()|(\))|(?:([A-Za-z_][\w.]*)\s*[:=]\s*)?"([^"]*)"|([^\s(){}"=:]+)\s*([:=])?)/y;

/** Words of a name: `QueueDepth-max` has queue, depth and max. */
const wordsOf = (text: string): string[] =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '');

const propertiesOf = (metric: Metric): (readonly [name: string, value: string])[] => [
  ['Namespace', metric.namespace],
  ['MetricName', metric.name],
  ...metric.dimensions,
];

/** Every word of the term is in the text, or the term itself is a part of it. */
const isPartOf = (term: string, text: string): boolean => {
  const lower = text.toLowerCase();
  if (lower.includes(term.toLowerCase())) return true;
  const words = wordsOf(text);
  return wordsOf(term).every((word) => words.includes(word));
};

type Test = (metric: Metric) => boolean;

/**
 * Reads `{Namespace,Dimension} MetricName="x" term OR (other AND NOT third)`. Words side by side are joined by AND; text in
 * quotes matches exactly, other text in parts and whatever its case.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export const parseSearch = (source: string, id: string): MetricSearch => {
  type Token = {
    readonly kind: 'schema' | 'open' | 'close' | 'term' | 'word';
    readonly text: string;
    readonly of?: string;
  };
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (match === null) throw expressionError(id, `Unexpected character in search at position ${at}.`);
    const [, schema, open, close, property, exact, word, sign] = match;
    if (schema !== undefined) tokens.push({ kind: 'schema', text: schema });
    else if (open !== undefined) tokens.push({ kind: 'open', text: '(' });
    else if (close !== undefined) tokens.push({ kind: 'close', text: ')' });
    else if (exact !== undefined)
      tokens.push({ kind: 'term', text: exact, ...(property === undefined ? {} : { of: property }) });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, ...(sign === undefined ? {} : { of: word }) });
  }
  let position = 0;
  const next = (): Token | undefined => tokens[position];
  const isWord = (text: string): boolean =>
    next()?.kind === 'word' && next()?.text === text && next()?.of === undefined;

  const schemaTest = (text: string): Test => {
    const parts = (text.match(/"[^"]*"|[^,]+/g) ?? []).map((part) => part.trim().replace(/^"|"$/g, ''));
    const [namespace, ...names] = parts;
    const wanted = [...names].sort();
    return (metric) =>
      metric.namespace === namespace &&
      metric.dimensions.length === wanted.length &&
      metric.dimensions.every(([name], index) => name === wanted[index]);
  };
  const primary = (): Test => {
    const token = next();
    if (token === undefined) throw expressionError(id, 'Unexpected end of search.');
    position += 1;
    if (isNot(token)) {
      const inner = primary();
      return (metric) => !inner(metric);
    }
    if (token.kind === 'open') {
      const inner = either();
      if (next()?.kind !== 'close') throw expressionError(id, 'Expected ) in search.');
      position += 1;
      return inner;
    }
    if (token.kind === 'schema') return schemaTest(token.text);
    if (token.kind === 'close') throw expressionError(id, 'Unexpected ) in search.');
    if (token.kind === 'term') {
      return (metric) =>
        propertiesOf(metric).some(([name, value]) => value === token.text && (token.of ?? name) === name);
    }
    if (token.of !== undefined) {
      const value = next();
      if (value === undefined || value.kind === 'close') throw expressionError(id, `Expected a value for ${token.of}.`);
      if (value.kind === 'open') {
        position += 1;
        const values: Token[] = [];
        while (next() !== undefined && next()?.kind !== 'close') values.push(tokens[position++] as Token);
        position += 1;
        const wanted = values.filter(({ text }) => text !== 'OR');
        return (metric) => wanted.some((of) => matches(metric, token.of as string, of));
      }
      position += 1;
      return (metric) => matches(metric, token.of as string, value);
    }
    return (metric) =>
      propertiesOf(metric).some(([name, value]) => isPartOf(token.text, value) || isPartOf(token.text, name));
  };
  const matches = (metric: Metric, property: string, { kind, text }: Token): boolean =>
    propertiesOf(metric).some(
      ([name, value]) => name === property && (kind === 'term' ? value === text : isPartOf(text, value)),
    );
  const isNot = ({ kind, text, of }: Token): boolean => kind === 'word' && text === 'NOT' && of === undefined;
  const both = (): Test => {
    const tests = [primary()];
    while (next() !== undefined && next()?.kind !== 'close' && !isWord('OR')) {
      if (isWord('AND')) position += 1;
      tests.push(primary());
    }
    return (metric) => tests.every((test) => test(metric));
  };
  const either = (): Test => {
    const tests = [both()];
    while (isWord('OR')) {
      position += 1;
      tests.push(both());
    }
    return (metric) => tests.some((test) => test(metric));
  };
  const test = either();
  if (position < tokens.length) throw expressionError(id, `Unexpected ${tokens[position]?.text} in search.`);
  return test;
};
