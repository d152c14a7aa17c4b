/** A JSON token with the columns that AWS's error texts name. */
export interface JsonToken {
  readonly kind: '{' | '}' | '[' | ']' | 'string' | 'number' | 'literal';
  /** String content, number text, `true`, `false`, `null`, or the bracket. */
  readonly text: string;
  /** Offset right behind what a streaming parser has consumed when it reports the token: only the quote of a string. */
  readonly opened: number;
  /** Offset right behind the token. */
  readonly ended: number;
}

const TOKEN = /[{}[\]]|"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/gs;

/** Splits valid JSON text into tokens; commas and colons carry no meaning of their own any more. */
export const tokenize = (json: string): readonly JsonToken[] =>
  [...json.matchAll(TOKEN)].map((match) => {
    const raw = match[0];
    const ended = match.index + raw.length;
    if (raw.startsWith('"')) {
      return { kind: 'string', text: JSON.parse(raw) as string, opened: match.index + 1, ended };
    }
    const kind = /[{}[\]]/.test(raw) ? (raw as '{') : /^[-\d]/.test(raw) ? 'number' : 'literal';
    return { kind, text: raw, opened: ended, ended };
  });

const SOURCE_SHOWN_MAX = 500;

/** Where in a text something is wrong, as AWS appends it to what is. */
export const locationText = (json: string, offset: number): string => {
  const before = json.slice(0, offset).split('\n');
  const shown =
    json.length > SOURCE_SHOWN_MAX
      ? `"${json.slice(0, SOURCE_SHOWN_MAX)}"[truncated ${json.length - SOURCE_SHOWN_MAX} chars]`
      : `"${json}"`;
  return `\n at [Source: (String)${shown}; line: ${before.length}, column: ${(before.at(-1) as string).length + 1}]`;
};
