import type { HclText } from './hcl-text.ts';

/** What an attribute is set to. */
export type HclExpression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'template'; readonly parts: readonly HclExpression[] }
  | { readonly kind: 'tuple'; readonly items: readonly HclExpression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [HclExpression, HclExpression])[] }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly HclExpression[];
      /** The last argument is a list of arguments. */
      readonly isSpread: boolean;
      readonly at: HclText;
    }
  | {
      readonly kind: 'operation';
      readonly operator: string;
      readonly of: readonly [HclExpression, HclExpression];
      readonly at: HclText;
    }
  | { readonly kind: 'not'; readonly of: HclExpression; readonly at: HclText }
  | {
      readonly kind: 'traversal';
      readonly root: string;
      readonly steps: readonly HclStep[];
      readonly at: HclText;
    }
  | { readonly kind: 'step'; readonly of: HclExpression; readonly steps: readonly HclStep[]; readonly at: HclText }
  | { readonly kind: 'splat'; readonly of: HclExpression; readonly steps: readonly HclStep[]; readonly at: HclText }
  | HclFor
  | {
      readonly kind: 'choice';
      readonly of: readonly [HclExpression, HclExpression, HclExpression];
      readonly at: HclText;
    };

/** A name, or what is worked out. */
export type HclStep = string | HclExpression;

/** `[for name, item in list : value if condition]`, or with braces and a key. */
export interface HclFor {
  readonly kind: 'for';
  /** Of key or index, and of the item. */
  readonly names: readonly [key: string, item: string];
  readonly in: HclExpression;
  readonly key: HclExpression | undefined;
  readonly value: HclExpression;
  /** Values of one key are a list. */
  readonly isGrouping: boolean;
  readonly condition: HclExpression | undefined;
  readonly at: HclText;
}

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

const literal = (value: string | number | boolean | null): HclExpression => ({ kind: 'literal', value });

const templateOf = (parts: readonly (string | HclText)[]): HclExpression => {
  const read = parts.map((part) => (typeof part === 'string' ? literal(part) : parseExpression(part)));
  const [only] = read;
  return read.length === 1 && only !== undefined ? only : { kind: 'template', parts: read };
};

/** What stands between brackets, with commas or line ends between the items. */
const readList = <Item>(text: HclText, end: string, item: () => Item): readonly Item[] => {
  const items: Item[] = [];
  for (text.skipLines(); !text.takes(end); text.skipLines()) {
    items.push(item());
    text.skipLines();
    if (!text.takes(',') && end !== '}' && text.peek() !== end) text.fail('was to be followed by a comma');
  }
  return items;
};

const readEntry = (text: HclText): readonly [HclExpression, HclExpression] => {
  // A bare name is the key itself; in parentheses it would be what it stands for.
  const key = text.isName() ? literal(text.name()) : readTerm(text);
  if (!text.takes('=')) text.expect(':');
  return [key, readExpression(text)];
};

/** What is taken of a value: members, items, and from a splat on the same of each item. */
const readSteps = (text: HclText, at: HclText, of: HclExpression): HclExpression => {
  const steps: HclStep[] = [];
  const soFar = (): HclExpression => {
    if (steps.length === 0) return of;
    return of.kind === 'traversal' && of.steps.length === 0
      ? { ...of, steps: [...steps] }
      : { kind: 'step', of, steps: [...steps], at };
  };
  for (;;) {
    if (text.takes('[')) {
      if (text.takes('*')) {
        text.expect(']');
        return readSplat(text, at, soFar(), true);
      }
      text.skipLines();
      steps.push(readExpression(text));
      text.skipLines();
      text.expect(']');
    } else if (text.peek() === '.' && !text.again().takes('...')) {
      text.takes('.');
      if (text.takes('*')) return readSplat(text, at, soFar(), false);
      const index = text.number();
      steps.push(index === undefined ? text.name() : literal(index));
    } else return soFar();
  }
};

/** `[*]` has all that follows done to each item, `.*` the names alone: an index behind them is of the list. */
const readSplat = (text: HclText, at: HclText, of: HclExpression, isFull: boolean): HclExpression => {
  if (!isFull) {
    const names: string[] = [];
    while (text.again().takes('.') && !text.again().takes('.*')) {
      text.takes('.');
      names.push(text.name());
    }
    return readSteps(text, at, { kind: 'splat', of, steps: names, at });
  }
  const each = readSteps(text, at, { kind: 'traversal', root: '', steps: [], at });
  if (each.kind !== 'traversal') return at.fail('takes a part of each part of several, which is not evaluated here');
  return { kind: 'splat', of, steps: each.steps, at };
};

const readArguments = (text: HclText): { args: readonly HclExpression[]; isSpread: boolean } => {
  let isSpread = false;
  const args = readList(text, ')', () => {
    const argument = readExpression(text);
    isSpread = text.takes('...');
    return argument;
  });
  return { args, isSpread };
};

const readName = (text: HclText): HclExpression => {
  const at = text.again();
  const name = text.name();
  if (name in WORDS) return literal(WORDS[name] ?? null);
  const call = text.takes('(') ? readArguments(text) : undefined;
  return readSteps(
    text,
    at,
    call === undefined ? { kind: 'traversal', root: name, steps: [], at } : { kind: 'call', name, ...call, at },
  );
};

const isFor = (text: HclText): boolean => {
  const ahead = text.again();
  return ahead.isName() && ahead.name() === 'for' && ahead.isName();
};

const readFor = (text: HclText, end: string): HclFor => {
  const at = text.again();
  text.name();
  const first = text.name();
  const second = text.takes(',') ? text.name() : undefined;
  if (text.name() !== 'in') at.fail("is read as Terraform's language, and `in` was expected here");
  const collection = readExpression(text);
  text.expect(':');
  text.skipLines();
  const one = readExpression(text);
  text.skipLines();
  if (end === '}') {
    text.expect('=>');
    text.skipLines();
  }
  const value = end === '}' ? readExpression(text) : undefined;
  const isGrouping = text.takes('...');
  text.skipLines();
  const hasCondition = text.isName() && text.again().name() === 'if';
  if (hasCondition) text.name();
  const condition = hasCondition ? readExpression(text) : undefined;
  text.skipLines();
  text.expect(end);
  return {
    kind: 'for',
    names: second === undefined ? ['', first] : [first, second],
    in: collection,
    key: value === undefined ? undefined : one,
    value: value ?? one,
    isGrouping,
    condition,
    at,
  };
};

const readTerm = (text: HclText): HclExpression => {
  const heredoc = text.heredoc();
  if (heredoc !== undefined) return templateOf(heredoc);
  if (text.peek() === '"') return templateOf(text.quoted());
  const at = text.again();
  if (text.takes('[')) {
    text.skipLines();
    if (isFor(text)) return readSteps(text, at, readFor(text, ']'));
    return readSteps(text, at, { kind: 'tuple', items: readList(text, ']', () => readExpression(text)) });
  }
  if (text.takes('{')) {
    text.skipLines();
    if (isFor(text)) return readSteps(text, at, readFor(text, '}'));
    return readSteps(text, at, { kind: 'object', entries: readList(text, '}', () => readEntry(text)) });
  }
  if (text.takes('(')) {
    text.skipLines();
    const inner = readExpression(text);
    text.skipLines();
    text.expect(')');
    return readSteps(text, at, inner);
  }
  if (text.takes('!')) return { kind: 'not', of: readTerm(text), at };
  if (text.takes('-')) {
    const operand = readTerm(text);
    return { kind: 'operation', operator: '-', of: [literal(0), operand], at };
  }
  const number = text.number();
  if (number !== undefined) return literal(number);
  return text.isName() ? readName(text) : text.fail('is not evaluated here');
};

/** From the loosest to the tightest; of those that begin alike the longer comes first. */
const OPERATORS = [['||'], ['&&'], ['==', '!='], ['<=', '>=', '<', '>'], ['+', '-'], ['*', '/', '%']] as const;

const readOperation = (text: HclText, level = 0): HclExpression => {
  const operators = OPERATORS[level];
  if (operators === undefined) return readTerm(text);
  let left = readOperation(text, level + 1);
  for (;;) {
    const at = text.again();
    const operator = operators.find((one) => text.takes(one));
    if (operator === undefined) return left;
    text.skipLines();
    left = { kind: 'operation', operator, of: [left, readOperation(text, level + 1)], at };
  }
};

const readExpression = (text: HclText): HclExpression => {
  const at = text.again();
  const term = readOperation(text);
  if (!text.takes('?')) return term;
  text.skipLines();
  const whenTrue = readExpression(text);
  text.skipLines();
  text.expect(':');
  text.skipLines();
  return { kind: 'choice', of: [term, whenTrue, readExpression(text)], at };
};

/**
 * An expression of Terraform's language; directives of templates are refused.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions
 * @throws InvalidInputError with file and line
 */
export const parseExpression = (given: HclText): HclExpression => {
  const text = given.again();
  text.skipLines();
  const expression = readExpression(text);
  text.skipLines();
  return text.isAtEnd ? expression : text.fail('is an operator or something else that is not evaluated here');
};
