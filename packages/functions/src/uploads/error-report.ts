/** A row that was not taken, as the vendor will see it in the error report. */
export interface RejectedRow {
  /** Line of the file on which the row begins, the header being line 1. */
  readonly line: number;
  readonly reasons: readonly string[];
  readonly cells: readonly string[];
}

/** Between two reasons for one row. */
export const REASON_SEPARATOR = '; ';

/** Columns that the report has in front of the vendor's own. */
export const REPORT_COLUMNS = ['row_number', 'reason'] as const;

/** Text is turned into bytes in pieces of this length. */
const PIECE_CHARACTERS = 64 * 1024;

const csvCell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

const csvLine = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\n`;

/**
 * The rejected rows as CSV: line number in the upload, all reasons, then the row as it came (cells in the order of the
 * upload). The same upload always gives the same bytes.
 *
 * Rows are kept as bytes and not as objects: a large file whose every row is wrong must fit into memory, too.
 */
export class ErrorReport {
  readonly #pieces: Buffer[] = [];
  #text = '';
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  /** The upload's own header; comes before any row. */
  begin(header: readonly string[]): void {
    this.#append(csvLine([...REPORT_COLUMNS, ...header]));
  }

  add({ line, reasons, cells }: RejectedRow): void {
    this.#rows += 1;
    this.#append(csvLine([String(line), reasons.join(REASON_SEPARATOR), ...cells]));
  }

  toBytes(): Buffer {
    return Buffer.concat([...this.#pieces, Buffer.from(this.#text)]);
  }

  #append(text: string): void {
    this.#text += text;
    if (this.#text.length < PIECE_CHARACTERS) return;
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
