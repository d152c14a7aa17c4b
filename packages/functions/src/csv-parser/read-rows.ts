import { PassThrough, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';

/** One row of a file, and the line on which it begins, the first line being 1. */
export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The bytes are no CSV from a certain row on: nobody can tell where the next one begins. */
export class BrokenRowError extends Error {
  override readonly name = 'BrokenRowError';
  /** On which the row begins. */
  readonly line: number;

  constructor(line: number, rule: string, options?: ErrorOptions) {
    super(`in the row that begins on line ${line}, ${rule}`, options);
    this.line = line;
  }
}

/** Longest row; an opening quote that is never closed ends here and not at the end of the file. */
const ROW_MAX_CHARACTERS = 64 * 1024;

/** The longest first: CRLF is one line end and not two. */
const LINE_ENDS = ['\r\n', '\n', '\r'];

const RULES: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a cell',
  CSV_QUOTE_NOT_CLOSED: 'a quote is never closed',
  CSV_MAX_RECORD_SIZE: `there are more than ${ROW_MAX_CHARACTERS} characters; maybe a quote is not closed`,
};

const lineEndsIn = (cell: string): number => cell.match(/\r\n|\r|\n/g)?.length ?? 0;

/**
 * Reads the rows of a CSV file as {@link https://www.rfc-editor.org/rfc/rfc4180 RFC 4180} has them, with what spreadsheets
 * and scripts make of it:
 *
 * - A row ends at CRLF, LF or CR, whichever comes, decided row by row. Inside quotes they are content, kept as they came.
 * - A row begins on the line after all line ends before it, those inside quotes counted; CRLF is one line end.
 * - A row whose cells are all blank is no row: empty lines, and the rows of commas that spreadsheets leave behind.
 *
 * @param guard - looks at the bytes before they are read, and may refuse them
 * @throws {@link BrokenRowError}; whatever `take`, the guard and the stream itself throw
 */
export const readRows = async (
  body: Readable,
  take: (row: Row) => void,
  guard: Transform = new PassThrough(),
): Promise<void> => {
  /** On which the next row begins, were there no empty lines. */
  let line = 1;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    max_record_size: ROW_MAX_CHARACTERS,
    record_delimiter: LINE_ENDS,
    // The cheap way over many of them; they are counted below.
    skip_empty_lines: true,
    // Rows are taken as they are read: a queue of objects would cost more than the reading.
    on_record(cells: string[], { empty_lines }): undefined {
      const row = { line: line + empty_lines, cells };
      line += 1 + cells.reduce((sum, cell) => sum + lineEndsIn(cell), 0);
      if (cells.some((cell) => cell.trim() !== '')) take(row);
    },
  });
  try {
    await pipeline(body, guard, parser.resume());
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BrokenRowError(line + parser.info.empty_lines, RULES[error.code] ?? error.message, { cause: error });
  }
};
