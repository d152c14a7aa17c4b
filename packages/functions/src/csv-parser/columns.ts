/** The columns of a vendor's product sheet. A header must have exactly these, in any order. */
export const COLUMNS = ['vendor_product_id', 'product_name', 'category', 'sku', 'price', 'stock_quantity'] as const;

export type Column = (typeof COLUMNS)[number];

/** Where each column stands in the rows of one file. */
export type ColumnPositions = Readonly<Record<Column, number>>;

/** Finds the columns in a header; a text that says what is wrong with it otherwise. */
export const readHeader = (header: readonly string[]): ColumnPositions | string => {
  const names = header.map((name) => name.trim().toLowerCase());
  const missing = COLUMNS.filter((column) => !names.includes(column));
  const unknown = names.filter((name) => !COLUMNS.includes(name as Column));
  if (missing.length > 0 || unknown.length > 0) {
    const parts = [
      missing.length > 0 ? `missing ${missing.join(', ')}` : '',
      unknown.length > 0
        ? `unknown ${unknown
            .slice(0, 6)
            .map((name) => JSON.stringify(name.slice(0, 60)))
            .join(', ')}`
        : '',
    ];
    return parts.filter((part) => part !== '').join('; ');
  }
  if (names.length !== COLUMNS.length) return 'a column occurs more than once';
  return Object.fromEntries(COLUMNS.map((column) => [column, names.indexOf(column)])) as ColumnPositions;
};
