import { utf8Length } from '@holdfast/kernel';
import { invalid } from '../errors.ts';

/** The parameter that an expression came in: it leads every message. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'ProjectionExpression'
  | 'UpdateExpression';

/** A place in an item as written: attribute names, `#placeholders`, list positions. */
export type WrittenPath = readonly (string | number)[];

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** What was written, before names and values are filled in. */
export type Operand =
  | { readonly kind: 'path'; readonly path: WrittenPath }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Operand[] };

export type Condition =
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly operands: readonly [Operand, Operand] }
  | { readonly kind: 'between'; readonly operands: readonly [Operand, Operand, Operand] }
  | { readonly kind: 'in'; readonly operands: readonly Operand[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Operand[] }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition };

export type Assigned =
  | { readonly kind: 'operand'; readonly operand: Operand }
  | { readonly kind: 'sum'; readonly operator: '+' | '-'; readonly operands: readonly [Operand, Operand] };

export type UpdateAction =
  | { readonly kind: 'SET'; readonly path: WrittenPath; readonly assigned: Assigned }
  | { readonly kind: 'REMOVE'; readonly path: WrittenPath }
  | { readonly kind: 'ADD' | 'DELETE'; readonly path: WrittenPath; readonly value: string };

/** A mistake in an expression, worded as DynamoDB does. */
export const invalidExpression = (kind: ExpressionKind, problem: string): Error =>
  invalid(`Invalid ${kind}: ${problem}`);

interface Token {
  readonly type: 'word' | 'name' | 'value' | 'number' | 'symbol' | 'unknown' | 'end';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const EXPRESSION_BYTES_MAX = 4096;
const TOKEN =
  /[ \t\r\n]*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>()[\],.+-])|([^ \t\r\n]))/y;

const tokenize = (text: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const match = TOKEN.exec(text);
    if (match === null) break;
    const [, word, name, value, number, symbol, unknown] = match;
    const token = word ?? name ?? value ?? number ?? symbol ?? unknown ?? '';
    const type =
      word !== undefined
        ? 'word'
        : name !== undefined
          ? 'name'
          : value !== undefined
            ? 'value'
            : number !== undefined
              ? 'number'
              : symbol !== undefined
                ? 'symbol'
                : 'unknown';
    const to = match.index + match[0].length;
    tokens.push({ type, text: token, from: to - token.length, to });
  }
  tokens.push({ type: 'end', text: '<EOF>', from: text.length, to: text.length });
  return tokens;
};

/** A position in an expression that is being read; what all grammars share. */
export class Reader {
  readonly kind: ExpressionKind;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at: number;

  constructor(kind: ExpressionKind, text: string, fork?: { readonly tokens: readonly Token[]; readonly at: number }) {
    this.kind = kind;
    this.#text = text;
    this.#at = fork?.at ?? 0;
    if (fork !== undefined) {
      this.#tokens = fork.tokens;
      return;
    }
    if (text.trim() === '') throw invalidExpression(kind, 'The expression can not be empty;');
    if (utf8Length(text) > EXPRESSION_BYTES_MAX) {
      throw invalidExpression(
        kind,
        `Expression size has exceeded the maximum allowed size; expression size: ${utf8Length(text)}`,
      );
    }
    this.#tokens = tokenize(text);
  }

  /** A second reader at the same place, to look ahead with. */
  fork(): Reader {
    return new Reader(this.kind, this.#text, { tokens: this.#tokens, at: this.#at });
  }

  /** Moves to where a {@link fork} has got. */
  catchUp(fork: Reader): void {
    this.#at = fork.#at;
  }

  /** Number of tokens read so far. */
  get position(): number {
    return this.#at;
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Text of the next token, in capitals: keywords may be written in any case. */
  get keyword(): string {
    return this.token.type === 'word' ? this.token.text.toUpperCase() : this.token.text;
  }

  isFollowedBy(symbol: string): boolean {
    return this.#tokens[this.#at + 1]?.text === symbol;
  }

  advance(): Token {
    const token = this.token;
    if (token.type !== 'end') this.#at += 1;
    return token;
  }

  /** Takes the symbol or keyword if it comes next. */
  takes(expected: string): boolean {
    if (this.keyword !== expected) return false;
    this.advance();
    return true;
  }

  expect(expected: string): void {
    if (!this.takes(expected)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.token.type !== 'end') throw this.syntaxError();
  }

  /** Names the next token, and shows it between its neighbours. */
  syntaxError(at = this.#at): Error {
    const token = this.#tokens[at] as Token;
    const from = (this.#tokens[at - 1] ?? token).from;
    const to = (this.#tokens[at + 1] ?? token).to;
    return invalidExpression(
      this.kind,
      `Syntax error; token: "${token.text}", near: "${this.#text.slice(from, to).trim()}"`,
    );
  }

  /** `a.b[3].#c` */
  path(reservedKeywords: ReadonlySet<string>): WrittenPath {
    const path: (string | number)[] = [this.#identifier(reservedKeywords)];
    for (;;) {
      if (this.takes('.')) path.push(this.#identifier(reservedKeywords));
      else if (this.takes('[')) {
        if (this.token.type !== 'number') throw this.syntaxError();
        path.push(Number(this.advance().text));
        this.expect(']');
      } else return path;
    }
  }

  #identifier(reservedKeywords: ReadonlySet<string>): string {
    const { type } = this.token;
    const isIdentifier = type === 'name' || (type === 'word' && !reservedKeywords.has(this.keyword));
    if (!isIdentifier) throw this.syntaxError();
    return this.advance().text;
  }

  /** A path, a `:value` or a function call, in parentheses or not. */
  operand(reservedKeywords: ReadonlySet<string>): Operand {
    if (this.takes('(')) {
      const operand = this.operand(reservedKeywords);
      this.expect(')');
      return operand;
    }
    if (this.token.type === 'value') return { kind: 'value', name: this.advance().text };
    if (this.token.type === 'word' && this.isFollowedBy('(') && !reservedKeywords.has(this.keyword)) {
      const name = this.advance().text;
      return { kind: 'call', name, operands: this.operandList(reservedKeywords) };
    }
    return { kind: 'path', path: this.path(reservedKeywords) };
  }

  /** `(a, b, c)` */
  operandList(reservedKeywords: ReadonlySet<string>): Operand[] {
    this.expect('(');
    const operands: Operand[] = [];
    do operands.push(this.operand(reservedKeywords));
    while (this.takes(','));
    this.expect(')');
    return operands;
  }
}

const PARSED_MAX = 1_000;

/**
 * Remembers what expressions parse to: programs send the same few texts over and over. When it is full it
 * starts afresh.
 */
export const remembering = <Parsed>(
  parse: (kind: ExpressionKind, text: string) => Parsed,
): ((kind: ExpressionKind, text: string) => Parsed) => {
  const known = new Map<string, Parsed>();
  return (kind, text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parse(kind, text);
    if (known.size >= PARSED_MAX) known.clear();
    known.set(text, parsed);
    return parsed;
  };
};
