import { describe, expect, it } from 'vitest';
import { bodyDifferences, formRows } from './body-form.ts';

const body = (value: unknown): string => JSON.stringify(value);

describe('the form of a body', () => {
  it('is shown where it differs, beside its group, its source and what has not failed', () => {
    const rows = formRows(body({ id: 1, price: null, rows: [{ sku: 'a' }] }), {
      group: [body({ id: 2, price: null, rows: [{ sku: 'b' }] }), body({ id: '3', price: null, rows: [] })],
      source: [],
      waiting: [body({ id: 4, price: 2, rows: [{ sku: 'c' }], note: '' })],
    });
    expect(rows).toEqual([
      { path: 'id', own: 'number', inGroup: 'number 50 %, string 50 %', inSource: '', inWaiting: 'number' },
      { path: 'price', own: 'null', inGroup: 'null', inSource: '', inWaiting: 'number' },
      { path: 'rows[].sku', own: 'string', inGroup: 'string 50 %, absent 50 %', inSource: '', inWaiting: 'string' },
      { path: 'rows[]', own: 'absent', inGroup: 'empty 50 %, absent 50 %', inSource: '', inWaiting: 'absent' },
      { path: 'note', own: 'absent', inGroup: 'absent', inSource: '', inWaiting: 'string' },
    ]);
  });

  it('of text is that it is no JSON, and nothing to compare with shows nothing', () => {
    expect(formRows('a,b', { group: ['c,d'], source: [], waiting: [] })).toEqual([]);
    expect(formRows('a,b', { group: [], source: [], waiting: ['{}', '1'] })).toMatchObject([
      { path: '(body)', own: 'no JSON', inWaiting: 'number 50 %, absent 50 %' },
    ]);
  });

  it('is odd where most others have another one', () => {
    const others = [1, 2, 3, 4, 5].map((id) => body({ id, price: 2 }));
    expect(bodyDifferences(body({ id: 6, price: null }), others)).toEqual([
      'has price null, which others have not',
      'has no price number, which others have',
    ]);
    expect(bodyDifferences(body({ id: 6 }), [])).toEqual([]);
  });
});

it('takes no time for bodies of a megabyte of names, as anybody may send them', () => {
  const bodyOf = (name: string): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`${name}${index}`, index])));
  const others = Array.from({ length: 6 }, (_, index) => bodyOf('ab'[index % 2] ?? ''));
  const begun = process.cpuUsage();
  const rows = formRows(bodyOf('a'), { group: others, source: others, waiting: others });
  expect(process.cpuUsage(begun).user).toBeLessThan(3_000_000);
  expect(rows[0]).toMatchObject({ path: 'a0', own: 'number', inGroup: expect.stringContaining('absent') });
});
