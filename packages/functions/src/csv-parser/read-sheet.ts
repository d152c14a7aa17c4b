import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { type ColumnPositions, readHeader } from './columns.ts';
import { checkRow, type ProductRow } from './product-row.ts';

/** A row that was not taken, as the vendor will see it in the error report. */
export interface RejectedRow {
  /** Line of the file on which the row begins, the header being line 1. */
  readonly line: number;
  readonly reasons: readonly string[];
  readonly cells: readonly string[];
}

/** What a readable file holds. Memory is bounded by its size: rows are kept until the last one is known. */
export interface Sheet {
  /** As the file has it. */
  readonly header: readonly string[];
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: readonly RejectedRow[];
  /** By vendor_product_id; of several rows with one id the last valid one. */
  readonly products: ReadonlyMap<string, ProductRow>;
}

/** Why a file as a whole cannot be read. Stable: vendors and tests see it. */
export type UnreadableReason = 'EMPTY' | 'NOT_CSV' | 'WRONG_HEADER' | 'BAD_ENCODING' | 'TOO_LARGE' | 'OBJECT_MISSING';

/** The file is to blame, not the world: a retry cannot help. Never leaves the parser. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** Longest row; an opening quote that is never closed ends here and not at the end of the file. */
const ROW_MAX_CHARACTERS = 64 * 1024;

/** Lets bytes through as long as they are UTF-8, no binary, and not more than allowed. */
const utf8Guard = (maxBytes: number): Transform => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  const decode = (chunk?: Buffer): UnreadableFileError | undefined => {
    try {
      if (chunk === undefined) decoder.decode();
      else decoder.decode(chunk, { stream: true });
      return undefined;
    } catch (cause) {
      return new UnreadableFileError('BAD_ENCODING', `the file is not UTF-8 (near byte ${bytes})`, { cause });
    }
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        return done(new UnreadableFileError('TOO_LARGE', `the file has more than ${maxBytes} bytes`));
      const bad = decode(chunk);
      if (bad !== undefined) return done(bad);
      if (chunk.includes(0)) return done(new UnreadableFileError('NOT_CSV', 'the file is binary: it has zero bytes'));
      return done(null, chunk);
    },
    flush(done) {
      done(decode() ?? null);
    },
  });
};

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a product sheet from a stream of bytes: UTF-8 with or without BOM, LF or CRLF, RFC 4180 quotes.
 *
 * A row with a wrong number of cells is rejected like any other bad row; broken quotes make the file unreadable,
 * because nobody can tell where the next row begins.
 *
 * @throws {@link UnreadableFileError} when the file as a whole cannot be read; whatever the stream itself throws
 */
export const readSheet = async (body: Readable, maxBytes: number): Promise<Sheet> => {
  const products = new Map<string, ProductRow>();
  const rejected: RejectedRow[] = [];
  let header: readonly string[] = [];
  let positions: ColumnPositions | undefined;
  let rows = 0;
  let accepted = 0;

  const take = (cells: string[], line: number): void => {
    if (positions === undefined) {
      const found = readHeader(cells);
      if (typeof found === 'string') throw new UnreadableFileError('WRONG_HEADER', `the header is wrong: ${found}`);
      header = cells;
      positions = found;
      return;
    }
    rows += 1;
    const checked = checkRow(cells, positions);
    if (checked.ok) {
      accepted += 1;
      products.set(checked.row.vendor_product_id, checked.row);
    } else {
      rejected.push({ line, reasons: checked.reasons, cells });
    }
  };

  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_MAX_CHARACTERS,
    info: true,
  });
  try {
    await pipeline(body, utf8Guard(maxBytes), parser, async (records: AsyncIterable<ParsedRecord>) => {
      for await (const { record, info } of records) {
        // `info.lines` is the line on which the row ends; a quoted cell may have begun lines before.
        const linesInside = record.reduce(
          (sum, cell) => sum + (cell.includes('\n') ? cell.split('\n').length - 1 : 0),
          0,
        );
        take(record, info.lines - linesInside);
      }
    });
  } catch (error) {
    if (error instanceof CsvError) {
      throw new UnreadableFileError('NOT_CSV', `the file is not CSV: ${error.message}`, { cause: error });
    }
    throw error;
  }
  if (positions === undefined) throw new UnreadableFileError('EMPTY', 'the file is empty');
  if (rows === 0) throw new UnreadableFileError('EMPTY', 'the file has a header and no rows');
  return { header, rows, accepted, rejected, products };
};
