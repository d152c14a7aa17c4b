import { expect, it } from 'vitest';
import { similarNames } from './similar-names.ts';

it('finds what somebody may have meant, the nearest first, and nothing far from it', () => {
  const names = ['csv-parser-dlq', 'product-errors-dlq', 'orders', 'orders-dlq'];
  expect(similarNames('csv-praser-dlq', names)).toEqual(['csv-parser-dlq']);
  expect(similarNames('oders', names)).toEqual(['orders']);
  expect(similarNames('ORDER-DLQ', names)).toEqual(['orders-dlq']);
  expect(similarNames('payments', names)).toEqual([]);
});
