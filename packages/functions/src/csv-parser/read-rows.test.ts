import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Row, readRows } from './read-rows.ts';

/** Byte by byte: every line end is cut somewhere. */
const read = async (text: string): Promise<Row[]> => {
  const rows: Row[] = [];
  const bytes = Array.from(Buffer.from(text), (byte) => Buffer.of(byte));
  await readRows(Readable.from(bytes, { objectMode: false }), (row) => rows.push(row));
  return rows;
};

const row = (line: number, ...cells: string[]): Row => ({ line, cells });

describe('readRows', () => {
  it.each([
    [
      'LF after the header, CRLF after the rows',
      'a,b\n1,x\r\n2,y\r\n',
      [row(1, 'a', 'b'), row(2, '1', 'x'), row(3, '2', 'y')],
    ],
    [
      'one LF inside a CRLF file',
      'a,b\r\n9\n2,y\r\n3,z',
      [row(1, 'a', 'b'), row(2, '9'), row(3, '2', 'y'), row(4, '3', 'z')],
    ],
    ['CR alone', 'a\r1\r2', [row(1, 'a'), row(2, '1'), row(3, '2')]],
    ['all three of them', 'a\r\n1\n2\r3', [row(1, 'a'), row(2, '1'), row(3, '2'), row(4, '3')]],
    ['LF before CR: a blank line between two rows', 'a\n\r1', [row(1, 'a'), row(3, '1')]],
    ['line ends inside quotes, as they came', '"a\r\nb\rc\nd",x\r\ny', [row(1, 'a\r\nb\rc\nd', 'x'), row(5, 'y')]],
    ['a quoted cell that ends in CR, before LF', '"a\r"\nb', [row(1, 'a\r'), row(3, 'b')]],
    [
      'a quoted cell before each kind of line end',
      '"a"\r"b"\n"c"\r\n"d"',
      [row(1, 'a'), row(2, 'b'), row(3, 'c'), row(4, 'd')],
    ],
    ['blank lines, counted', '\r\n\na\n\n\r\r\nb\n', [row(3, 'a'), row(7, 'b')]],
    [
      'rows of nothing but commas, blanks and empty quotes',
      'a,b\n,\n" ", \t\n"\n",""\n1,',
      [row(1, 'a', 'b'), row(6, '1', '')],
    ],
    ['a byte order mark before a quote', '\ufeff"a",b\n', [row(1, 'a', 'b')]],
    ['nothing', '', []],
  ])('takes %s', async (_name, text, rows) => {
    expect(await read(text)).toEqual(rows);
  });

  it.each([
    ['text after a quote', 'a\r\n"b\r\nc"x', 'in the row that begins on line 2, text follows a closing quote'],
    [
      'a quote in a cell',
      '"a\r\rb"\nc\rd"e',
      'in the row that begins on line 5, a quote stands in the middle of a cell',
    ],
    ['an open quote', 'a\n"b\n\n', 'in the row that begins on line 2, a quote is never closed'],
    [
      'a row without end',
      `a\n\n"${'x'.repeat(70_000)}`,
      'in the row that begins on line 3, there are more than 65536 characters',
    ],
  ])('names the line on which the broken row begins: %s', async (_name, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});
