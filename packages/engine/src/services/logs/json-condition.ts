import { likeText, type TextMatcher } from './text-matcher.ts';

/** Decides about a parsed JSON log event. */
export type JsonCondition = (root: unknown) => boolean;

/** A pattern that does not follow the syntax; the caller words the error. */
export class PatternSyntaxError extends Error {
  override readonly name = 'PatternSyntaxError';
}

const TOKEN =
  /\s*(?:(?<punct>&&|\|\||!=|<=|>=|=|<|>|\(|\))|"(?<quoted>(?:[^"\\]|\\.)*)"|%(?<regex>(?:[^%\\]|\\.)*)%|(?<selector>\$(?:\.?\[(?:'[^']*'|\d+|\*)\]|\.[\w-]+)+)|(?<word>[^\s()=<>!&|"%]+))/y;

interface Token {
  readonly kind: 'punct' | 'quoted' | 'regex' | 'selector' | 'word';
  readonly text: string;
}

const tokenize = (source: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    const found = Object.entries(groups ?? {}).find(([, text]) => text !== undefined);
    if (found === undefined) throw new PatternSyntaxError(`unexpected text at ${at}`);
    tokens.push({ kind: found[0] as Token['kind'], text: found[1] as string });
  }
  return tokens;
};

/** Steps of a selector: `$.a[0].b` is `['a', 0, 'b']`; `*` stands for every element. */
export const selectorSteps = (selector: string): readonly (string | number)[] => {
  const steps: (string | number)[] = [];
  for (const match of selector.matchAll(/\.?\['([^']*)'\]|\[(\d+|\*)\]|\.([\w-]+)/g)) {
    const [, quoted, index, name] = match;
    if (index !== undefined) steps.push(index === '*' ? '*' : Number(index));
    else steps.push((quoted ?? name) as string);
  }
  return steps;
};

/** Everything a selector points at; nothing when a step is missing. */
export const select = (root: unknown, steps: readonly (string | number)[]): unknown[] => {
  let found: unknown[] = [root];
  for (const step of steps) {
    found = found.flatMap((value) => {
      if (step === '*') return Array.isArray(value) ? value : [];
      if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [value[step]] : [];
      if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return [];
      return [(value as Record<string, unknown>)[step]];
    });
  }
  return found;
};

/** How a value reads in comparisons with text; objects, arrays and null have no text. */
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

const comparison = (operator: string, operand: Token): ((value: unknown) => boolean) => {
  const number = operand.kind === 'word' ? Number(operand.text) : Number.NaN;
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
    if (Number.isNaN(number)) throw new PatternSyntaxError(`${operator} needs a number`);
    return (value) => {
      if (typeof value !== 'number') return false;
      if (operator === '<') return value < number;
      if (operator === '<=') return value <= number;
      return operator === '>' ? value > number : value >= number;
    };
  }
  let equals: (value: unknown) => boolean;
  if (!Number.isNaN(number)) {
    equals = (value) => value === number;
  } else {
    const matches: TextMatcher =
      operand.kind === 'regex' ? regexMatcher(operand.text) : likeText(operand.text.replace(/\\(.)/g, '$1'));
    equals = (value) => {
      const text = textOf(value);
      return text !== undefined && matches(text);
    };
  }
  return operator === '=' ? equals : (value) => textOf(value) !== undefined && !equals(value);
};

/** Compiles the `%...%` form. */
export const regexMatcher = (source: string): TextMatcher => {
  try {
    const regex = new RegExp(source);
    return (text) => regex.test(text);
  } catch {
    throw new PatternSyntaxError('bad regular expression');
  }
};

/**
 * Compiles the JSON form of a filter pattern, braces left out: `$.level = "ERROR" && ($.code > 400 || $.x NOT EXISTS)`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const compileJsonCondition = (source: string): { condition: JsonCondition; selectors: string[] } => {
  const tokens = tokenize(source);
  const selectors: string[] = [];
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const isWord = (text: string): boolean => peek()?.kind === 'word' && peek()?.text.toUpperCase() === text;
  const accept = (text: string): boolean => {
    const matches = (peek()?.kind === 'punct' && peek()?.text === text) || isWord(text);
    if (matches) position += 1;
    return matches;
  };

  const primary = (): JsonCondition => {
    if (accept('(')) {
      const inner = either();
      if (!accept(')')) throw new PatternSyntaxError('missing )');
      return inner;
    }
    const subject = tokens[position++];
    if (subject?.kind !== 'selector') throw new PatternSyntaxError('a condition starts with a selector');
    selectors.push(subject.text);
    const steps = selectorSteps(subject.text);
    if (accept('EXISTS')) return (root) => select(root, steps).length > 0;
    if (accept('NOT')) {
      if (!accept('EXISTS')) throw new PatternSyntaxError('NOT needs EXISTS');
      return (root) => select(root, steps).length === 0;
    }
    if (accept('IS')) {
      const expected = accept('TRUE') ? true : accept('FALSE') ? false : accept('NULL') ? null : undefined;
      if (expected === undefined) throw new PatternSyntaxError('IS needs TRUE, FALSE or NULL');
      return (root) => select(root, steps).some((value) => value === expected);
    }
    const operator = tokens[position++];
    const operand = tokens[position++];
    if (operator?.kind !== 'punct' || !/^(=|!=|<|<=|>|>=)$/.test(operator.text)) {
      throw new PatternSyntaxError('missing operator');
    }
    if (operand === undefined || operand.kind === 'punct' || operand.kind === 'selector') {
      throw new PatternSyntaxError('missing value');
    }
    const holds = comparison(operator.text, operand);
    return (root) => select(root, steps).some(holds);
  };
  const both = (): JsonCondition => {
    const parts = [primary()];
    while (accept('&&')) parts.push(primary());
    return parts.length === 1 ? (parts[0] as JsonCondition) : (root) => parts.every((part) => part(root));
  };
  const either = (): JsonCondition => {
    const parts = [both()];
    while (accept('||')) parts.push(both());
    return parts.length === 1 ? (parts[0] as JsonCondition) : (root) => parts.some((part) => part(root));
  };

  const condition = either();
  if (position < tokens.length) throw new PatternSyntaxError('text after the condition');
  return { condition, selectors };
};
