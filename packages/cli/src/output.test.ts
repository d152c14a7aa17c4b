import { expect, it } from 'vitest';
import { forTerminal, jsonText, table } from './output.ts';

it.each([
  ['\u001b]52;c;cm0gLXJm\u0007', '\\u001b]52;c;cm0gLXJm\\u0007'],
  ['\u001b[2J\u009b2J', '\\u001b[2J\\u009b2J'],
  ['a\rb\u202ec', 'a\\u000db\\u202ec'],
  ['line\n\ttab ü 😀', 'line\n\ttab ü 😀'],
  ['\u001b[1mbold\u001b[22m', '\u001b[1mbold\u001b[22m'],
])('lets %j steer no terminal', (text, shown) => {
  expect(forTerminal(text)).toBe(shown);
});

it('keeps a row on one line, whatever is in a cell', () => {
  expect(
    table(['A', 'B'], [['a\r\nb', 'c\td']])
      .split('\n')
      .slice(1),
  ).toEqual(['a b  c d']);
});

it('writes bytes in base 64', () => {
  expect(jsonText({ a: Buffer.from('ab'), b: [Uint8Array.of(255)], c: 'text', d: null })).toBe(
    '{"a":"YWI=","b":["/w=="],"c":"text","d":null}',
  );
});
