import { COLUMNS } from './columns.ts';

/**
 * What a row must be. The bounds on text keep an item far below DynamoDB's 400 KB and its sort key below 1,024 bytes.
 * `category` and `sku` may be blank: a product without them can still be sold.
 */
export const ROW_SCHEMA = {
  type: 'object',
  required: [...COLUMNS],
  properties: {
    vendor_product_id: { type: 'string', pattern: '\\S', maxLength: 255 },
    product_name: { type: 'string', pattern: '\\S', maxLength: 1000 },
    category: { type: 'string', maxLength: 255 },
    sku: { type: 'string', maxLength: 255 },
    price: { type: 'number', exclusiveMinimum: 0, maximum: 1e12 },
    stock_quantity: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
} as const;
