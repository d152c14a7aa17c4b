import { ServiceError } from '../../core/index.ts';
import { invalidArgument, invalidRequest } from './errors.ts';

/** First and last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header. S3 ignores what it does not understand (several ranges, other units, `1-0`) and answers
 * with the whole object.
 *
 * @throws ServiceError InvalidRange when the range lies behind the end
 */
export const readRange = (header: string | undefined, size: number): ByteRange | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (match === null) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === '' && last === '') return undefined;
  const unsatisfiable = (): ServiceError =>
    new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
      RangeRequested: header,
      ActualObjectSize: String(size),
    });
  if (first === '') {
    const suffixBytes = Number(last);
    if (suffixBytes === 0 || size === 0) throw unsatisfiable();
    return { start: Math.max(0, size - suffixBytes), end: size - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw unsatisfiable();
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
};

/** Reads `x-amz-copy-source-range`, which is stricter: both ends, within the object. */
export const readCopyRange = (header: string | undefined, size: number): ByteRange | undefined => {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const [start, end] = match === null ? [1, 0] : [Number(match[1]), Number(match[2])];
  if (start > end) {
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (start >= size) throw invalidRequest('The specified copy range is invalid for the source object size');
  if (end >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      header,
    );
  }
  return { start, end };
};
