import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { REASON_SEPARATOR, REPORT_COLUMNS } from '../uploads/error-report.ts';

/** What was wrong with a file, counted. A row may have several reasons. */
export interface ErrorSummary {
  readonly rows: number;
  /** Rows by reason, most frequent first, then by name. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Line numbers of the first rejected rows. */
  readonly first_rows: readonly number[];
}

/** Line numbers kept as examples. */
const FIRST_ROWS = 5;

/** Different reasons kept; the rules know far fewer, unless every row has its own number of cells. */
const REASONS_MAX = 50;

/** Reads a report of rejected rows, as the parser wrote it, and counts its reasons. */
export const summariseReport = async (report: Readable): Promise<ErrorSummary> => {
  const counts = new Map<string, number>();
  const firstRows: number[] = [];
  let rows = 0;
  const parser = parse({ from_line: 2, relax_column_count: true });
  await pipeline(report, parser, async (records: AsyncIterable<string[]>) => {
    for await (const cells of records) {
      rows += 1;
      if (firstRows.length < FIRST_ROWS) firstRows.push(Number(cells[REPORT_COLUMNS.indexOf('row_number')]));
      for (const reason of (cells[REPORT_COLUMNS.indexOf('reason')] ?? '').split(REASON_SEPARATOR)) {
        counts.set(reason, (counts.get(reason) ?? 0) + 1);
      }
    }
  });
  const sorted = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
  return { rows, reasons: Object.fromEntries(sorted.slice(0, REASONS_MAX)), first_rows: firstRows };
};
