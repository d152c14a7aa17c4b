import { hash } from 'node:crypto';
import { Ajv, type ValidateFunction } from 'ajv';
import { SchemaValidationError } from './errors.ts';
import { checkedBy, parseJson, SCHEMA_OPTIONS } from './schema.ts';

/** An order as a client posts it. */
export interface Order {
  readonly schemaVersion?: 1 | 2;
  readonly orderId: string;
  readonly amount: number;
  readonly currency?: string;
  readonly items?: readonly { readonly sku: string; readonly quantity: number }[];
}

const ORDER_ID = { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' } as const;
const AMOUNT = { type: 'number', minimum: 0, maximum: 1e12 } as const;
const CURRENCY = { type: 'string', pattern: '^[A-Z]{3}$' } as const;

/** Every version that is taken. A new one is added here, and old ones stay as long as clients send them. */
export const ORDER_SCHEMAS = {
  1: {
    type: 'object',
    required: ['orderId', 'amount'],
    properties: { schemaVersion: { const: 1 }, orderId: ORDER_ID, amount: AMOUNT, currency: CURRENCY },
    additionalProperties: false,
  },
  2: {
    type: 'object',
    required: ['schemaVersion', 'orderId', 'amount', 'currency', 'items'],
    properties: {
      schemaVersion: { const: 2 },
      orderId: ORDER_ID,
      amount: AMOUNT,
      currency: CURRENCY,
      items: {
        type: 'array',
        minItems: 1,
        maxItems: 1_000,
        items: {
          type: 'object',
          required: ['sku', 'quantity'],
          properties: {
            sku: { type: 'string', minLength: 1, maxLength: 255 },
            quantity: { type: 'integer', minimum: 1, maximum: 1e9 },
          },
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
} as const;

const ajv = new Ajv(SCHEMA_OPTIONS);

const VALIDATORS: Readonly<Record<number, ValidateFunction<Order>>> = {
  1: ajv.compile<Order>(ORDER_SCHEMAS[1]),
  2: ajv.compile<Order>(ORDER_SCHEMAS[2]),
};

export const SCHEMA_VERSIONS: readonly number[] = Object.keys(ORDER_SCHEMAS).map(Number);

/**
 * @param versions - those that are taken here, of all there are
 * @throws {@link SchemaValidationError} with a sentence for everything that is wrong
 */
export const validateOrder = (value: unknown, versions: readonly number[] = SCHEMA_VERSIONS): Order => {
  const version =
    typeof value === 'object' && value !== null ? ((value as { schemaVersion?: unknown }).schemaVersion ?? 1) : 1;
  const validate = versions.includes(Number(version)) ? VALIDATORS[Number(version)] : undefined;
  if (validate === undefined) {
    throw new SchemaValidationError([`schemaVersion ${JSON.stringify(version)} must be ${versions.join(' or ')}`]);
  }
  return checkedBy(validate, value);
};

/** @throws {@link SchemaValidationError} when the text is no JSON of an order */
export const parseOrder = (text: string): Order => validateOrder(parseJson(text));

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
};

/** The same for the same order, whatever the order of its members. */
export const fingerprintOf = (order: Order): string => hash('sha256', JSON.stringify(sorted(order)), 'hex');
