import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Row, readRows } from './read-rows.ts';

const LINE_END = /\r\n|\r|\n/g;

/** The law once more, on the whole text and by one regular expression: a cell, and what comes after it. */
const rowsOf = (text: string): Row[] => {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;
  const rows: Row[] = [];
  let cells: string[] = [];
  let begin = 0;
  for (cell.lastIndex = 0; ; ) {
    const [, quoted, plain = '', after] = cell.exec(text) as RegExpExecArray;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (after === ',') continue;
    const line = 1 + (text.slice(0, begin).match(LINE_END)?.length ?? 0);
    if (cells.join('').trim() !== '') rows.push({ line, cells });
    if (after === '') return rows;
    cells = [];
    begin = cell.lastIndex;
  }
};

const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const plain = fc.string({ unit: fc.constantFrom('a', '1', ' ', '\t', 'é', '☕', '.'), maxLength: 4 });
const quoted = fc
  .array(fc.oneof(plain, lineEnd, fc.constantFrom(',', '""')), { maxLength: 5 })
  .map((parts) => `"${parts.join('')}"`);
const rowText = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.oneof(plain, quoted), { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(fc.constantFrom('', ' ', '""'), { minLength: 1, maxLength: 4 }) },
);
const file = fc.tuple(fc.array(fc.tuple(rowText, lineEnd), { maxLength: 12 }), fc.boolean()).map(([rows, endsOpen]) => {
  const text = rows.map(([cells, end]) => cells.join(',') + end).join('');
  return endsOpen ? text.replace(/(?:\r\n|\r|\n)$/, '') : text;
});

it('reads any mixture of line ends, quotes and blank rows as the law says, wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (text, pieceBytes, hasBom) => {
      const bytes = Buffer.from(hasBom ? `\ufeff${text}` : text);
      const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
        bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
      );
      const rows: Row[] = [];
      await readRows(Readable.from(pieces, { objectMode: false }), (row) => rows.push(row));
      expect(rows).toEqual(rowsOf(text));
    }),
    { numRuns: Number(process.env['FC_RUNS'] ?? 200) },
  );
});
