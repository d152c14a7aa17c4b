import { ServiceError } from '../../../core/index.ts';

export type TokenKind = 'number' | 'text' | 'name' | 'regex' | 'symbol';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

/** A query that cannot be read, as AWS answers it. */
export const malformed = (message: string, at: number): ServiceError =>
  new ServiceError('MalformedQueryException', `${message} at line 1, position ${at + 1}`, 400, {
    queryCompileError: { location: { startCharOffset: at, endCharOffset: at + 1 }, message },
  });

const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ['number', /\d+(?:\.\d+)?(?:ms|mo|[smhdwqy])?(?![\w@])/y],
  ['text', /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y],
  ['name', /`[^`]+`|[A-Za-z_@][\w@.:]*(?:\[\d+\])*/y],
  ['symbol', /!=|<=|>=|=~|==|[-+*/%^=<>(),|[\]]/y],
];
const REGEX = /\/(?:[^/\\\n]|\\.)+\/i?/y;
const SPACE = /(?:\s+|#[^\n]*)+/y;

/** After these a slash begins a regular expression and does not divide. */
const beforeRegex = (last: Token | undefined, beforeLast: Token | undefined): boolean => {
  if (last === undefined) return true;
  if (last.kind === 'symbol') return last.text !== ')' && last.text !== ']';
  if (last.kind !== 'name') return false;
  return ['like', 'parse', 'LIKE'].includes(last.text) || beforeLast?.text === 'parse';
};

const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(["'\\])/g, '$1');

/** Splits a query into words. */
export const tokensOf = (source: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null || match[0] === '') return undefined;
    at += match[0].length;
    return match[0];
  };
  for (;;) {
    take(SPACE);
    if (at >= source.length) return tokens;
    const start = at;
    if (source[at] === '/' && beforeRegex(tokens.at(-1), tokens.at(-2))) {
      const regex = take(REGEX);
      if (regex !== undefined) {
        tokens.push({ kind: 'regex', text: regex, at: start });
        continue;
      }
    }
    let found: readonly [TokenKind, string] | undefined;
    for (const [kind, pattern] of PATTERNS) {
      const text = take(pattern);
      if (text === undefined) continue;
      found = [kind, text];
      break;
    }
    if (found === undefined) throw malformed(`unexpected symbol found ${source[at]}`, at);
    const [kind, text] = found;
    const value = kind === 'text' ? unquoted(text) : text.startsWith('`') ? text.slice(1, -1) : text;
    tokens.push({ kind, text: value, at: start });
  }
};
