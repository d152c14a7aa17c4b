/** Reads a text from its beginning to its end, token by token. */
export class TextReader {
  readonly #text: string;
  readonly #fail: (what: string) => Error;
  #at = 0;

  constructor(text: string, fail: (what: string) => Error) {
    this.#text = text;
    this.#fail = fail;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  failure(what: string): Error {
    return this.#fail(what);
  }

  peek(): string {
    return this.#text.charAt(this.#at);
  }

  take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.take(token)) throw this.#fail(`'${token}' is missing`);
  }

  takeWhile(character: RegExp): string {
    const from = this.#at;
    while (this.#at < this.#text.length && character.test(this.peek())) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  /** What a pattern with the flag `y` matches here. */
  takeMatch(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const match = sticky.exec(this.#text)?.[0];
    if (match !== undefined) this.#at += match.length;
    return match;
  }

  skipSpace(): void {
    this.takeWhile(/\s/);
  }

  takeInteger(): number | undefined {
    const digits = this.takeMatch(/-?\d+/y);
    return digits === undefined ? undefined : Number(digits);
  }

  /** A string in single or double quotes; a backslash takes the meaning from a quote or backslash after it. */
  takeQuoted(): string {
    const quote = this.peek();
    if (quote !== "'" && quote !== '"') throw this.#fail('a quoted string is missing');
    this.#at += 1;
    let text = '';
    while (!this.isAtEnd) {
      const character = this.#text.charAt(this.#at);
      this.#at += 1;
      if (character === quote) return text;
      const next = this.#text.charAt(this.#at);
      if (character === '\\' && (next === quote || next === '\\')) {
        text += next;
        this.#at += 1;
      } else text += character;
    }
    throw this.#fail('a quoted string does not end');
  }
}
