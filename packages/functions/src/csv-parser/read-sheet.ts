import { type Readable, Transform } from 'node:stream';
import type { ErrorReport } from '../uploads/error-report.ts';
import type { UnreadableReason } from '../uploads/upload-record.ts';
import { type ColumnPositions, readHeader } from './columns.ts';
import { checkRow, type ProductRow } from './product-row.ts';
import { BrokenRowError, type Row, readRows } from './read-rows.ts';

/** Takes the header, then the rejected rows in order. */
export type RejectedRows = Pick<ErrorReport, 'begin' | 'add'>;

/** What a readable file holds. Memory is bounded by its size: products are kept until the last row is known. */
export interface Sheet {
  readonly rows: number;
  readonly accepted: number;
  /** By vendor_product_id; of several rows with one id the last valid one. */
  readonly products: ReadonlyMap<string, ProductRow>;
}

/** The file is to blame, not the world: a retry cannot help. Never leaves the parser. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A file may be small and still have more rows than memory has room for. */
export const ROWS_MAX = 1_000_000;

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

/**
 * Reads a product sheet from a stream of bytes: UTF-8 with or without BOM; what a row is, {@link readRows} says.
 *
 * A row with a wrong number of cells is rejected like any other bad row; broken quotes make the file unreadable,
 * because nobody can tell where the next row begins. Rejected rows go to `report` as they come.
 *
 * @throws {@link UnreadableFileError} when the file as a whole cannot be read; whatever the stream itself throws
 */
export const readSheet = async (body: Readable, maxBytes: number, report: RejectedRows): Promise<Sheet> => {
  const products = new Map<string, ProductRow>();
  let positions: ColumnPositions | undefined;
  let rows = 0;
  let accepted = 0;

  const take = ({ cells, line }: Row): void => {
    if (positions === undefined) {
      const found = readHeader(cells);
      if (typeof found === 'string') throw new UnreadableFileError('WRONG_HEADER', `the header is wrong: ${found}`);
      report.begin(cells);
      positions = found;
      return;
    }
    rows += 1;
    if (rows > ROWS_MAX) throw new UnreadableFileError('TOO_LARGE', `the file has more than ${ROWS_MAX} rows`);
    const checked = checkRow(cells, positions);
    if (checked.ok) {
      accepted += 1;
      products.set(checked.row.vendor_product_id, checked.row);
    } else {
      report.add({ line, reasons: checked.reasons, cells });
    }
  };

  try {
    await readRows(body, take, utf8Guard(maxBytes));
  } catch (error) {
    if (error instanceof BrokenRowError) {
      throw new UnreadableFileError('NOT_CSV', `the file is not CSV: ${error.message}`, { cause: error });
    }
    throw error;
  }
  if (positions === undefined) throw new UnreadableFileError('EMPTY', 'the file is empty');
  if (rows === 0) throw new UnreadableFileError('EMPTY', 'the file has a header and no rows');
  return { rows, accepted, products };
};
