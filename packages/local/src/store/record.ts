import { crc32 } from 'node:zlib';

/**
 * A record: eight hexadecimal digits of length, eight of checksum, twelve of its number in the log, the end of the line;
 * then the payload. The checksum is over everything behind it.
 */
export const HEAD_BYTES = 29;
const CHECKSUM_AT = 8;
const CHECKED_AT = 16;
const NUMBER_DIGITS = 12;
const LINE_END = 0x0a;
/** So many zeros at the end are room that the file system gave, and that was not filled before the power went. */
const NEVER_FILLED_BYTES_MIN = 16;

/** A segment's first line: what it is, its number, the number of its first record, and the checksum of all that. */
const SEGMENT_HEAD = /^holdfast-log 3 ([0-9a-f]{12}) ([0-9a-f]{12}) ([0-9a-f]{8})\n$/;
export const SEGMENT_HEAD_BYTES = 50;

export const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
const hex12 = (value: number): string => value.toString(16).padStart(NUMBER_DIGITS, '0');

const DIGITS = Buffer.from('0123456789abcdef');

/** Writes a number of at most 32 bits into bytes, without making text of it: there is one in each value. */
export const writeHex = (target: Uint8Array, at: number, value: number, digits = 8): void => {
  for (let place = at + digits - 1, rest = value; place >= at; place--, rest >>>= 4) {
    target[place] = DIGITS[rest & 15] as number;
  }
};

/** The number in hexadecimal digits; `NaN` when one of them is none. */
export const readHex = (bytes: Uint8Array, at: number, digits = 8): number => {
  let value = 0;
  for (let place = at; place < at + digits; place++) {
    const byte = bytes[place] as number;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (byte >= 0x61 && byte <= 0x66) value = value * 16 + byte - 0x57;
    else return Number.NaN;
  }
  return value;
};

/** Over a part of bytes. A plain array over them is cheaper to make than a `Buffer`. */
export const checksumOf = (bytes: Buffer, start: number, end: number): number =>
  crc32(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));

export const segmentHead = (segment: number, firstRecord: number): Buffer => {
  const text = `holdfast-log 3 ${hex12(segment)} ${hex12(firstRecord)} `;
  return Buffer.from(`${text}${hex8(crc32(text))}\n`);
};

/** What the first line of a segment says; `undefined` when it is not one, or not whole. */
export const readSegmentHead = (
  bytes: Buffer,
): { readonly segment: number; readonly firstRecord: number } | undefined => {
  const text = bytes.toString('latin1', 0, SEGMENT_HEAD_BYTES);
  const match = SEGMENT_HEAD.exec(text);
  if (match === null || hex8(crc32(text.slice(0, -9))) !== match[3]) return undefined;
  return { segment: Number.parseInt(match[1] as string, 16), firstRecord: Number.parseInt(match[2] as string, 16) };
};

/** Fills in the first {@link HEAD_BYTES} of a record. */
export const sealRecord = (record: Buffer, number: number): void => {
  writeHex(record, 0, record.length - HEAD_BYTES);
  writeHex(record, CHECKED_AT, Math.floor(number / 2 ** 32), NUMBER_DIGITS - 8);
  writeHex(record, HEAD_BYTES - 9, number);
  record[HEAD_BYTES - 1] = LINE_END;
  writeHex(record, CHECKSUM_AT, checksumOf(record, CHECKED_AT, record.length));
};

/** A whole record with the right checksum. */
export interface SoundRecord {
  readonly number: number;
  readonly payload: Buffer;
  /** The byte of the segment at which the payload begins. */
  readonly payloadAt: number;
}

/** How long the record that begins at `at` says it is, its head included; `undefined` when there is no whole head. */
export const recordBytesAt = (bytes: Buffer, at: number): number | undefined => {
  const payloadAt = at + HEAD_BYTES;
  if (payloadAt > bytes.length || bytes[payloadAt - 1] !== LINE_END) return undefined;
  if (Number.isNaN(readHex(bytes, at, HEAD_BYTES - 1))) return undefined;
  return HEAD_BYTES + readHex(bytes, at);
};

/**
 * The record that begins at `at`; `undefined` when there is none, or not all of it, or it is damaged. `from` is the byte of
 * the segment at which `bytes` begin.
 */
export const recordAt = (bytes: Buffer, at: number, from = 0): SoundRecord | undefined => {
  const length = recordBytesAt(bytes, at);
  if (length === undefined || at + length > bytes.length) return undefined;
  const end = at + length;
  if (checksumOf(bytes, at + CHECKED_AT, end) !== readHex(bytes, at + CHECKSUM_AT)) return undefined;
  const payloadAt = at + HEAD_BYTES;
  return {
    number: readHex(bytes, at + CHECKED_AT, NUMBER_DIGITS),
    payload: bytes.subarray(payloadAt, end),
    payloadAt: from + payloadAt,
  };
};

/** Where the next sound record begins, from `at` on. */
export const nextRecordAt = (bytes: Buffer, at: number): number | undefined => {
  for (let lineEnd = bytes.indexOf(LINE_END, at); lineEnd !== -1; lineEnd = bytes.indexOf(LINE_END, lineEnd + 1)) {
    const start = lineEnd + 1 - HEAD_BYTES;
    if (start >= at && recordAt(bytes, start) !== undefined) return start;
  }
  return undefined;
};

/**
 * Whether the end of a log, from `at` on, is what is left when the process or the power went in the middle of an append:
 * a record whose end is missing, or room that the file system gave and never filled. Anything else was written whole
 * once, and is damage.
 */
export const isTornTail = (bytes: Buffer, at: number): boolean => {
  const rest = bytes.subarray(at);
  if (nextRecordAt(bytes, at) !== undefined) return false;
  // No record ends in zeros, so nothing that was written does.
  if (rest.subarray(-NEVER_FILLED_BYTES_MIN).every((byte) => byte === 0)) return true;
  if (rest.length < HEAD_BYTES) return /^[0-9a-f]*$/.test(rest.toString('latin1'));
  const length = recordBytesAt(rest, 0);
  if (length === undefined || length <= rest.length) return false;
  // All of it is there, and its length was changed afterwards.
  return checksumOf(rest, CHECKED_AT, rest.length) !== readHex(rest, CHECKSUM_AT);
};
