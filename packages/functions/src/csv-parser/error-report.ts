import type { Sheet } from './read-sheet.ts';

/** Between two reasons for one row. */
export const REASON_SEPARATOR = '; ';

/** Columns that the report has in front of the vendor's own. */
export const REPORT_COLUMNS = ['row_number', 'reason'] as const;

const csvCell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/**
 * The rejected rows as CSV: line number in the upload, all reasons, then the row as it came (cells in the order of the
 * upload). The same upload always gives the same text.
 */
export const errorReport = ({ header, rejected }: Pick<Sheet, 'header' | 'rejected'>): string => {
  const lines = [[...REPORT_COLUMNS, ...header].map(csvCell).join(',')];
  for (const { line, reasons, cells } of rejected) {
    lines.push([String(line), reasons.join(REASON_SEPARATOR), ...cells].map(csvCell).join(','));
  }
  return `${lines.join('\n')}\n`;
};
