import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { SchemaValidationError } from './errors.ts';
import { fingerprintOf, ORDER_SCHEMAS, parseOrder, validateOrder } from './submission.ts';

const V2 = { schemaVersion: 2, orderId: 'o-1', amount: 3, currency: 'EUR', items: [{ sku: 's', quantity: 1 }] };

describe('an order', () => {
  it('has schemas that are schemas', () => {
    const ajv = new Ajv();
    for (const schema of Object.values(ORDER_SCHEMAS)) expect(ajv.validateSchema(schema)).toBe(true);
  });

  it('is of the first version when it names none', () => {
    expect(parseOrder('{"orderId":"test-123","amount":42.50}')).toEqual({ orderId: 'test-123', amount: 42.5 });
    expect(validateOrder(V2)).toBe(V2);
  });

  it.each([
    ['no JSON', ['body must be JSON']],
    ['[]', ['body must be object']],
    ['{"schemaVersion":3}', ['schemaVersion 3 must be 1 or 2']],
    [
      '{"invalidField":"value"}',
      [
        "body must have required property 'orderId'",
        "body must have required property 'amount'",
        'body must not have invalidField',
      ],
    ],
    ['{"orderId":"o","amount":-1}', ['amount must be >= 0']],
    [JSON.stringify({ ...V2, items: [{ sku: 's', quantity: 0 }] }), ['items.0.quantity must be >= 1']],
  ])('that is %s is refused with everything that is wrong', (text, problems) => {
    const refused = (): unknown => {
      try {
        return parseOrder(text);
      } catch (error) {
        return error;
      }
    };
    expect(refused()).toBeInstanceOf(SchemaValidationError);
    expect((refused() as SchemaValidationError).problems).toEqual(problems);
  });

  it('has the same fingerprint in any order of its members, and another with other values', () => {
    const order = { orderId: 'o', amount: 1 };
    expect(fingerprintOf({ amount: 1, orderId: 'o' })).toBe(fingerprintOf(order));
    expect(fingerprintOf({ amount: 2, orderId: 'o' })).not.toBe(fingerprintOf(order));
  });
});
