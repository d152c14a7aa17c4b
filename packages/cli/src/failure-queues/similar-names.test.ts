import { expect, it, vi } from 'vitest';
import { meantName, similarNames } from './similar-names.ts';

it('finds what somebody may have meant, the nearest first, and nothing far from it', () => {
  const names = ['csv-parser-dlq', 'product-errors-dlq', 'orders', 'orders-dlq'];
  expect(similarNames('csv-praser-dlq', names)).toEqual(['csv-parser-dlq']);
  expect(similarNames('oders', names)).toEqual(['orders']);
  expect(similarNames('ORDER-DLQ', names)).toEqual(['orders-dlq']);
  expect(similarNames('payments', names)).toEqual([]);
});

it.each([
  ['a name', 'csv-parser', 'csv-parser'],
  ['an ending', 'errors', 'product-errors'],
  ['a part, whatever the case', 'PARSER-re', 'csv-parser-retry'],
  ['a logical id, with the stack before it and chance behind', 'ShopWorker', 'Orders-ShopWorker3F-9xQ2'],
])('takes %s for the one that it can mean', (_, typed, meant) => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(meantName('function', typed, NAMES)).toBe(meant);
});

it.each([
  ['csv', '"csv" could be csv-parser, csv-parser-retry'],
  ['csv-parsr', 'no function "csv-parsr"; did you mean csv-parser?'],
  [
    'payments',
    'no function "payments"; there are csv-parser, csv-parser-retry, product-errors, Orders-ShopWorker3F-9xQ2',
  ],
])('"%s" is answered with what there is', (typed, sentence) => {
  expect(() => meantName('function', typed, NAMES)).toThrow(sentence);
});

it('says so when there is nothing to mean', () => {
  expect(() => meantName('function', 'csv', [])).toThrow('no function "csv": there are none');
});

const NAMES = ['csv-parser', 'csv-parser-retry', 'product-errors', 'Orders-ShopWorker3F-9xQ2'];
