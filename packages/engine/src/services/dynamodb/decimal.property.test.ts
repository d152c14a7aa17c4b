import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNumbers, compareNumbers, normaliseNumber, sortableNumber, subtractNumbers } from './decimal.ts';

/** Numbers with up to 18 digits before and after the point. */
const number = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.nat({ max: 18 }))
  .map(([isNegative, digits, scale]) => {
    const text = digits.toString().padStart(scale + 1, '0');
    const cut = text.length - scale;
    return normaliseNumber(`${isNegative ? '-' : ''}${text.slice(0, cut)}.${text.slice(cut)}`);
  });

/** Exact value in units of 1E-18. */
const exact = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const magnitude = BigInt(whole + fraction.padEnd(18, '0'));
  return text.startsWith('-') ? -magnitude : magnitude;
};

describe('numbers', () => {
  it('sums and differences are exact', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(exact(addNumbers(a, b))).toBe(exact(a) + exact(b));
        expect(exact(subtractNumbers(a, b))).toBe(exact(a) - exact(b));
      }),
    );
  });

  it('results are in the one normal form', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const sum = addNumbers(a, b);
        expect(normaliseNumber(sum)).toBe(sum);
      }),
    );
  });

  it('sortable text sorts as the numbers do', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const order = exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0;
        const [left, right] = [sortableNumber(a), sortableNumber(b)];
        expect(left < right ? -1 : left > right ? 1 : 0).toBe(order);
        expect(Math.sign(compareNumbers(a, b))).toBe(order);
      }),
    );
  });

  it.each([
    ['1.0', '1'],
    ['-0.0', '0'],
    ['+5', '5'],
    ['00012', '12'],
    ['1e3', '1000'],
    ['1.5E-3', '0.0015'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1e125', `1${'0'.repeat(125)}`],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
  ])('%s is kept as %s', (given, kept) => {
    expect(normaliseNumber(given)).toBe(kept);
  });

  it.each([
    ['', 'The parameter cannot be converted to a numeric value'],
    ['abc', 'The parameter cannot be converted to a numeric value: abc'],
    ['1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['123456789012345678901234567890123456789', 'Attempting to store more than 38 significant digits in a Number'],
  ])('%s is refused', (given, message) => {
    expect(() => normaliseNumber(given)).toThrow(message);
  });

  it('a sum keeps 38 digits', () => {
    expect(addNumbers(`1${'0'.repeat(37)}`, '0.06')).toBe(`1${'0'.repeat(37)}`);
    expect(addNumbers('99999999999999999999999999999999999999', '0.5')).toBe(`1${'0'.repeat(38)}`);
  });
});
