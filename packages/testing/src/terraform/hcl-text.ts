import { InvalidInputError } from '@holdfast/local';

const NAME = /[A-Za-z_][\w-]*/y;
const NUMBER = /\d+(\.\d+)?([eE][+-]?\d+)?/y;
const HEREDOC = /<<(-?)([A-Za-z_][\w-]*)\r?\n/y;
const BLANKS = /(?:[ \t\r]|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const OPENING = '([{';
const CLOSING = ')]}';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** Terraform itself would find nothing there: what `try` goes past. */
export class NothingThere extends InvalidInputError {}

/** A place in a file of Terraform's language, and what can be read there. */
export class HclText {
  readonly #file: string;
  readonly #source: string;
  readonly #end: number;
  #at: number;

  constructor(file: string, source: string, at = 0, end = source.length) {
    this.#file = file;
    this.#source = source;
    this.#at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    this.#skip();
    return this.#at >= this.#end;
  }

  /** `main.tf:12` */
  get place(): string {
    return `${this.#file}:${this.#source.slice(0, this.#at).split('\n').length}`;
  }

  /** The same place, to be read again. */
  again(): HclText {
    return new HclText(this.#file, this.#source, this.#at, this.#end);
  }

  fail(what: string): never {
    throw new InvalidInputError(this.place, this.#line(), what);
  }

  /** The same, of what Terraform would not find either. */
  missing(what: string): never {
    throw new NothingThere(this.place, this.#line(), what);
  }

  /** The next character that is no blank. */
  peek(): string {
    this.#skip();
    return this.#at < this.#end ? (this.#source[this.#at] ?? '') : '';
  }

  /** Whether it stands here; then it is read. */
  takes(token: string): boolean {
    this.#skip();
    if (!this.#source.startsWith(token, this.#at) || this.#at + token.length > this.#end) return false;
    if (token === '=' && this.#source[this.#at + 1] === '=') return false;
    this.#at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.takes(token)) this.fail(`is read as Terraform's language, and ${token} was expected here`);
  }

  isName(): boolean {
    return /[A-Za-z_]/.test(this.peek());
  }

  name(): string {
    return this.#match(NAME) ?? this.fail("is read as Terraform's language, and a name was expected here");
  }

  number(): number | undefined {
    const digits = this.#match(NUMBER);
    return digits === undefined ? undefined : Number(digits);
  }

  /** A string without interpolation, as labels are. */
  plainString(): string {
    const parts = this.quoted();
    const [only = ''] = parts;
    return parts.length < 2 && typeof only === 'string' ? only : this.fail('must be a plain string');
  }

  /** What stands between quotation marks, in turn text and interpolated expressions. */
  quoted(): readonly (string | HclText)[] {
    this.expect('"');
    const start = this.#at;
    this.#skipQuoted();
    return this.#parts(start, this.#at - 1, true);
  }

  /** `<<EOT` and the lines until `EOT`. */
  heredoc(): readonly (string | HclText)[] | undefined {
    this.#skip();
    HEREDOC.lastIndex = this.#at;
    const opened = HEREDOC.exec(this.#source);
    if (opened === null) return undefined;
    const [start, end, after] = this.#heredocEnd(opened);
    if (opened[1] === '-') {
      const lines = this.#source.slice(start, end).split('\n');
      const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
      const inner = new HclText(this.#file, lines.map((line) => line.slice(indent)).join('\n'));
      this.#at = after;
      return inner.#parts(0, inner.#end, false);
    }
    this.#at = after;
    return this.#parts(start, end, false);
  }

  /** Over blanks and line ends. */
  skipLines(): void {
    for (this.#skip(); this.#at < this.#end && this.#source[this.#at] === '\n'; this.#skip()) this.#at += 1;
  }

  /** What stands until the end of the line, or of the brackets around it; brackets within it may span lines. */
  untilLineEnd(): HclText {
    this.#skip();
    const start = this.#at;
    let depth = 0;
    while (this.#at < this.#end) {
      this.#skip();
      const character = this.#source[this.#at] ?? '';
      if (depth === 0 && (character === '\n' || CLOSING.includes(character))) break;
      HEREDOC.lastIndex = this.#at;
      const opened = HEREDOC.exec(this.#source);
      if (opened !== null) {
        // The line of the end is the line's end.
        this.#at = this.#heredocEnd(opened)[2];
        continue;
      }
      this.#at += 1;
      if (character === '"') this.#skipQuoted();
      if (OPENING.includes(character)) depth += 1;
      if (CLOSING.includes(character)) depth -= 1;
    }
    return new HclText(this.#file, this.#source, start, this.#at);
  }

  #line(): string {
    return (this.#source.slice(this.#at, this.#end).split('\n')[0] ?? '').slice(0, 60);
  }

  #skip(): void {
    BLANKS.lastIndex = this.#at;
    if (BLANKS.test(this.#source)) this.#at = BLANKS.lastIndex;
  }

  #match(pattern: RegExp): string | undefined {
    this.#skip();
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#source) ?? [];
    if (found === undefined || this.#at + found.length > this.#end) return undefined;
    this.#at += found.length;
    return found;
  }

  /** From behind the opening quotation mark to behind the closing one. */
  #skipQuoted(): void {
    while (this.#at < this.#end) {
      const character = this.#source[this.#at];
      if (character === '\\') this.#at += 2;
      else if (this.#isInterpolation(this.#at)) this.#at = this.#interpolationEnd(this.#at + 2) + 1;
      else {
        this.#at += 1;
        if (character === '"') return;
      }
    }
    this.fail('is a string without an end');
  }

  #isInterpolation(at: number): boolean {
    const opened = this.#source.slice(at, at + 2);
    return (opened === '${' || opened === '%{') && this.#source[at - 1] !== opened[0];
  }

  /** Where the brace stands that closes what is interpolated from `at` on. */
  #interpolationEnd(at: number): number {
    const inner = new HclText(this.#file, this.#source, at, this.#end);
    let depth = 0;
    while (inner.#at < inner.#end) {
      const character = inner.#source[inner.#at];
      if (character === '}' && depth === 0) return inner.#at;
      inner.#at += 1;
      if (character === '"') inner.#skipQuoted();
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
    }
    return this.fail('is an interpolation without an end');
  }

  /** Where the text begins, where it ends, and where the line of its end does. */
  #heredocEnd(opened: RegExpExecArray): readonly [number, number, number] {
    const start = opened.index + opened[0].length;
    const ending = new RegExp(`^[ \\t]*${opened[2]}[ \\t\\r]*$`, 'gm');
    ending.lastIndex = start;
    const closed = ending.exec(this.#source) ?? this.fail('is a heredoc without an end');
    return [start, closed.index, closed.index + closed[0].length];
  }

  #parts(start: number, end: number, isEscaped: boolean): readonly (string | HclText)[] {
    const parts: (string | HclText)[] = [];
    let literal = '';
    let at = start;
    while (at < end) {
      const character = this.#source[at] ?? '';
      if (isEscaped && character === '\\') {
        const escaped = this.#source[at + 1] ?? '';
        const unicode = /^u([0-9a-fA-F]{4})/.exec(this.#source.slice(at + 1, at + 6))?.[1];
        literal +=
          unicode === undefined ? (ESCAPES[escaped] ?? escaped) : String.fromCharCode(Number.parseInt(unicode, 16));
        at += unicode === undefined ? 2 : 6;
      } else if ((character === '$' || character === '%') && this.#source.startsWith(`${character}{`, at + 1)) {
        // `$${` is written for `${`.
        literal += `${character}{`;
        at += 3;
      } else if (character === '%' && this.#source[at + 1] === '{') {
        new HclText(this.#file, this.#source, at, end).fail(
          'is a directive of a template, which is not evaluated here',
        );
      } else if (character === '$' && this.#source[at + 1] === '{') {
        const close = this.#interpolationEnd(at + 2);
        if (literal !== '') parts.push(literal);
        literal = '';
        parts.push(new HclText(this.#file, this.#source, at + 2, close));
        at = close + 1;
      } else {
        literal += character;
        at += 1;
      }
    }
    if (literal !== '' || parts.length === 0) parts.push(literal);
    return parts;
  }
}
