import type { Json } from '../../../core/index.ts';

export type ReadJson = { readonly value: Json } | { readonly problem: string; readonly at: string };

const TOKEN = /[A-Za-z0-9_$]+/y;

/** Reads JSON; what is wrong with it is said as Jackson says it. */
export const readJson = (text: string): ReadJson => {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return describe(text, error as Error);
  }
};

const describe = (text: string, error: Error): ReadJson => {
  const reported = /position (\d+)/.exec(error.message)?.[1];
  let position = reported === undefined ? firstBad(text) : Number(reported);
  position = Math.min(position, text.length);
  const end = position >= text.length;
  TOKEN.lastIndex = wordStart(text, position);
  const token = end ? undefined : TOKEN.exec(text)?.[0];
  const shown = text.length > 500 ? `${text.slice(0, 500)}"[truncated ${text.length - 500} chars]` : text;
  if (token !== undefined && /^[A-Za-z_$]/.test(token)) {
    const at = place(text, wordStart(text, position) + token.length, shown);
    return {
      problem: `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
      at,
    };
  }
  if (end) {
    return { problem: 'Unexpected end-of-input', at: place(text, text.length, shown) };
  }
  const character = text.charAt(position);
  const wanted = /[{,]\s*$/.test(text.slice(0, position)) ? 'double-quote to start field name' : 'a valid value';
  const expectation =
    wanted === 'a valid value'
      ? "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
      : `was expecting ${wanted}`;
  return {
    problem: `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): ${expectation}`,
    at: place(text, position + 1, shown),
  };
};

const wordStart = (text: string, position: number): number => {
  let start = position;
  while (start > 0 && /[A-Za-z0-9_$]/.test(text.charAt(start - 1))) start -= 1;
  return start;
};

/** For messages that name no position: the first character is where it went wrong. */
const firstBad = (text: string): number => Math.max(0, text.search(/\S/));

const place = (text: string, position: number, shown: string): string => {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  return `[Source: (String)"${shown}"; line: ${line}, column: ${column}]`;
};
