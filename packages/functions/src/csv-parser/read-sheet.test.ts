import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RejectedRow } from '../uploads/error-report.ts';
import type { UnreadableReason } from '../uploads/upload-record.ts';
import { ROWS_MAX, readSheet } from './read-sheet.ts';

const HEADER = 'vendor_product_id,product_name,category,sku,price,stock_quantity';
const LIMIT = 1024 * 1024;

const noReport = { begin() {}, add() {} };

/** Byte by byte: every character and every row is cut somewhere. */
const read = async (content: string | Buffer, maxBytes = LIMIT) => {
  const rejected: RejectedRow[] = [];
  const bytes = Array.from(Buffer.from(content), (byte) => Buffer.of(byte));
  const report = { begin() {}, add: (row: RejectedRow) => void rejected.push(row) };
  return { ...(await readSheet(Readable.from(bytes, { objectMode: false }), maxBytes, report)), rejected };
};

const sheet = (...rows: string[]) => `${[HEADER, ...rows].join('\n')}\n`;

describe('readSheet', () => {
  it('reads quotes, doubled quotes, commas and line breaks inside a cell', async () => {
    const { products } = await read(sheet('1,"HOOK, 1 ""HANGER""\nGREEN",Garden,22245,0.85,48'));

    expect(products.get('1')).toEqual({
      vendor_product_id: '1',
      product_name: 'HOOK, 1 "HANGER"\nGREEN',
      category: 'Garden',
      sku: '22245',
      price: 0.85,
      stock_quantity: 48,
    });
  });

  it('takes a byte order mark, CRLF and no line end after the last row', async () => {
    const { rows, products } = await read(`\ufeff${HEADER}\r\n1,Tea ☕ für zwei,c,s,1,2\r\n2,b,c,s,1,2`);

    expect(rows).toBe(2);
    expect(products.get('1')?.product_name).toBe('Tea ☕ für zwei');
  });

  it('takes the columns in any order, and header cells in any case', async () => {
    const { products } = await read(
      'SKU, price,stock_quantity,category,product_name,vendor_product_id\ns,2.5,3,c,n,1\n',
    );

    expect(products.get('1')).toMatchObject({ sku: 's', price: 2.5, stock_quantity: 3, product_name: 'n' });
  });

  it('lets the last valid row of an id win, and counts all of them', async () => {
    const result = await read(sheet('1,old,c,s,1,1', '1,new,c,s,2,2', '1,broken,c,s,0,2'));

    expect(result).toMatchObject({ rows: 3, accepted: 2 });
    expect(result.rejected).toHaveLength(1);
    expect(result.products.get('1')?.product_name).toBe('new');
  });

  it('takes ids that differ in outer blanks only for one', async () => {
    const { products } = await read(sheet('1,a,c,s,1,1', ' 1 ,b,c,s,1,1'));

    expect([...products.keys()]).toEqual(['1']);
  });

  it.each([
    ['1,,c,s,1,1', ['product_name is blank']],
    ['1,"  ",c,s,1,1', ['product_name is blank']],
    [',n,c,s,1,1', ['vendor_product_id is blank']],
    ['1,n,c,s,0.0,1', ['price is not above 0']],
    ['1,n,c,s,-1,1', ['price is not above 0']],
    ['1,n,c,s,,1', ['price is not a number']],
    ['1,n,c,s,0x10,1', ['price is not a number']],
    ['1,n,c,s,1e400,1', ['price is not a number']],
    ['1,n,c,s,Infinity,1', ['price is not a number']],
    ['1,n,c,s,"1,50",1', ['price is not a number']],
    ['1,n,c,s,1,-1', ['stock_quantity is below 0']],
    ['1,n,c,s,1,1.5', ['stock_quantity is not a whole number']],
    ['1,n,c,s,1,many', ['stock_quantity is not a whole number']],
    ['1,,c,s,0,-1', ['product_name is blank', 'price is not above 0', 'stock_quantity is below 0']],
    ['1,n,c,s,1', ['row has 5 cells instead of 6']],
    ['1,n,c,s,1,1,1', ['row has 7 cells instead of 6']],
    [`${'x'.repeat(256)},n,c,s,1,1`, ['vendor_product_id is too long']],
  ])('rejects the row %s and says why', async (row, reasons) => {
    const { rejected, products } = await read(sheet('0,good,c,s,1,1', row));

    expect(rejected).toMatchObject([{ line: 3, reasons }]);
    expect(products.size).toBe(1);
  });

  it.each(['1,n,,s,1,1', '1,n,c,,1,1', '1,?,c,s,1,1', '1,n,c,s,.5,0', '1,n,c,s,1,10.0', '1,n,c,s, 1 , 1 '])(
    'accepts the row %s',
    async (row) => {
      expect((await read(sheet(row))).rejected).toEqual([]);
    },
  );

  it('names the line on which a rejected row begins, line breaks in cells counted', async () => {
    const { rejected } = await read(sheet('1,"two\nlines",c,s,1,1', '2,"three\nmore\nlines",c,s,0,1', '3,n,c,s,0,1'));

    expect(rejected.map(({ line }) => line)).toEqual([4, 7]);
  });

  const unreadable: [string, string | Buffer, UnreadableReason][] = [
    ['nothing', '', 'EMPTY'],
    ['a byte order mark alone', '\ufeff', 'EMPTY'],
    ['blank lines', '\n\n\n', 'EMPTY'],
    ['a header without rows', `${HEADER}\n`, 'EMPTY'],
    ['a missing column', 'vendor_product_id,product_name,category,sku,price\n1,n,c,s,1\n', 'WRONG_HEADER'],
    ['a column too many', `${HEADER},colour\n1,n,c,s,1,1,red\n`, 'WRONG_HEADER'],
    ['a column twice', `${HEADER},sku\n1,n,c,s,1,1,s\n`, 'WRONG_HEADER'],
    ['semicolons', HEADER.replaceAll(',', ';'), 'WRONG_HEADER'],
    ['JSON', '{"vendor_product_id":1}', 'NOT_CSV'],
    ['a quote that is never closed', sheet('1,"n,c,s,1,1', '2,n,c,s,1,1'), 'NOT_CSV'],
    ['text after a closing quote', sheet('1,"n"x,c,s,1,1'), 'NOT_CSV'],
    ['Latin-1', Buffer.from(sheet('1,für,c,s,1,1'), 'latin1'), 'BAD_ENCODING'],
    ['a character cut off at the end', Buffer.from(`${sheet('1,n,c,s,1,1')}☕`).subarray(0, -1), 'BAD_ENCODING'],
    ['UTF-16', Buffer.from(`\ufeff${sheet('1,n,c,s,1,1')}`, 'utf16le'), 'BAD_ENCODING'],
    ['zero bytes', Buffer.from('PK\u0003\u0004\0\0\0\0'), 'NOT_CSV'],
    ['more bytes than allowed', sheet('1,n,c,s,1,1').padEnd(LIMIT + 1, '\n'), 'TOO_LARGE'],
  ];
  it.each(unreadable)('refuses %s', async (_name, content, reason) => {
    const bytes = Buffer.from(content);

    await expect(readSheet(Readable.from([bytes], { objectMode: false }), LIMIT, noReport)).rejects.toMatchObject({
      name: 'UnreadableFileError',
      reason,
    });
  });

  it('refuses more rows than memory has room for, however short they are', async () => {
    const chunk = '1,a,,,1,1\n'.repeat(10_000);
    const rows = Readable.from(
      (function* () {
        yield Buffer.from(`${HEADER}\n`);
        for (let at = 0; at <= ROWS_MAX; at += 10_000) yield Buffer.from(chunk);
      })(),
      { objectMode: false },
    );

    await expect(readSheet(rows, 50 * LIMIT, noReport)).rejects.toMatchObject({ reason: 'TOO_LARGE' });
  });

  it('hands on what the stream throws: that is the world, not the file', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from(HEADER);
        throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
      })(),
      { objectMode: false },
    );

    await expect(readSheet(broken, LIMIT, noReport)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
