import type { ErrorObject } from 'ajv';
import { COLUMNS, type ColumnPositions } from './columns.ts';
import { validate } from './row-validator.generated.mjs';

/** A row that may be sold: typed and valid. */
export interface ProductRow {
  readonly vendor_product_id: string;
  readonly product_name: string;
  readonly category: string;
  readonly sku: string;
  readonly price: number;
  readonly stock_quantity: number;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

/** Decimal notation only: `Number` would also take `0x10`, `1e999`, `Infinity` and the empty text. */
const toNumber = (cell: string): number | string => {
  const trimmed = cell.trim();
  return DECIMAL.test(trimmed) ? Number(trimmed) : cell;
};

const REASON_OF_KEYWORD: Readonly<Record<string, string>> = {
  pattern: 'is blank',
  maxLength: 'is too long',
  exclusiveMinimum: 'is not above 0',
  minimum: 'is below 0',
  maximum: 'is too large',
};

/** One reason in the vendor's words, e.g. `price is not above 0`. */
const reasonOf = (error: ErrorObject): string => {
  const column = error.instancePath.slice(1);
  const byType = column === 'stock_quantity' ? 'is not a whole number' : 'is not a number';
  return `${column} ${error.keyword === 'type' ? byType : (REASON_OF_KEYWORD[error.keyword] ?? error.message ?? 'is not valid')}`;
};

/** A valid row, or all reasons why it is none. */
export type CheckedRow =
  | { readonly ok: true; readonly row: ProductRow }
  | { readonly ok: false; readonly reasons: readonly string[] };

/** Checks the cells of one row against the product sheet's rules. */
export const checkRow = (cells: readonly string[], positions: ColumnPositions): CheckedRow => {
  if (cells.length !== COLUMNS.length) {
    return {
      ok: false,
      reasons: [`row has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'} instead of ${COLUMNS.length}`],
    };
  }
  const candidate = {
    vendor_product_id: (cells[positions.vendor_product_id] as string).trim(),
    product_name: cells[positions.product_name],
    category: cells[positions.category],
    sku: cells[positions.sku],
    price: toNumber(cells[positions.price] as string),
    stock_quantity: toNumber(cells[positions.stock_quantity] as string),
  };
  if (validate(candidate)) return { ok: true, row: candidate };
  return { ok: false, reasons: (validate.errors ?? []).map(reasonOf) };
};
