import type { HclText } from './hcl-text.ts';

/** What an attribute is set to. */
export type HclExpression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'template'; readonly parts: readonly HclExpression[] }
  | { readonly kind: 'tuple'; readonly items: readonly HclExpression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [HclExpression, HclExpression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly HclExpression[]; readonly at: HclText }
  | { readonly kind: 'equality'; readonly of: readonly [HclExpression, HclExpression]; readonly isEqual: boolean }
  | {
      readonly kind: 'traversal';
      readonly root: string;
      readonly steps: readonly (string | HclExpression)[];
      readonly at: HclText;
    }
  | {
      readonly kind: 'choice';
      readonly of: readonly [HclExpression, HclExpression, HclExpression];
      readonly at: HclText;
    };

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

const readName = (text: HclText): HclExpression => {
  const at = text.again();
  const name = text.name();
  if (name in WORDS) return literal(WORDS[name] ?? null);
  if (text.takes('(')) return { kind: 'call', name, args: readList(text, ')', () => readExpression(text)), at };
  const steps: (string | HclExpression)[] = [];
  for (;;) {
    if (text.takes('[')) {
      if (text.peek() === '*') at.fail('takes a part of each of several resources, which is not evaluated here');
      text.skipLines();
      steps.push(readExpression(text));
      text.skipLines();
      text.expect(']');
    } else if (text.takes('.')) {
      const index = text.number();
      steps.push(index === undefined ? text.name() : literal(index));
    } else break;
  }
  return { kind: 'traversal', root: name, steps, at };
};

const readTerm = (text: HclText): HclExpression => {
  const heredoc = text.heredoc();
  if (heredoc !== undefined) return templateOf(heredoc);
  if (text.peek() === '"') return templateOf(text.quoted());
  if (text.takes('[')) {
    text.skipLines();
    refuseFor(text);
    return { kind: 'tuple', items: readList(text, ']', () => readExpression(text)) };
  }
  if (text.takes('{')) {
    text.skipLines();
    refuseFor(text);
    return { kind: 'object', entries: readList(text, '}', () => readEntry(text)) };
  }
  if (text.takes('(')) {
    text.skipLines();
    const inner = readExpression(text);
    text.skipLines();
    text.expect(')');
    return inner;
  }
  const isNegative = text.takes('-');
  const number = text.number();
  if (number !== undefined) return literal(isNegative ? -number : number);
  return isNegative || !text.isName() ? text.fail('is not evaluated here') : readName(text);
};

const refuseFor = (text: HclText): void => {
  if (text.isName() && text.again().name() === 'for') text.fail('is a loop, which is not evaluated here');
};

const readComparison = (text: HclText): HclExpression => {
  const left = readTerm(text);
  for (const isEqual of [true, false]) {
    if (text.takes(isEqual ? '==' : '!=')) return { kind: 'equality', of: [left, readTerm(text)], isEqual };
  }
  return left;
};

const readExpression = (text: HclText): HclExpression => {
  const at = text.again();
  const term = readComparison(text);
  if (!text.takes('?')) return term;
  text.skipLines();
  const whenTrue = readExpression(text);
  text.skipLines();
  text.expect(':');
  text.skipLines();
  return { kind: 'choice', of: [term, whenTrue, readExpression(text)], at };
};

/**
 * An expression of Terraform's language. Operators but `==`, `!=` and `?:`, loops and splats are refused.
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
