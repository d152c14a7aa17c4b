import { isUtf8 } from 'node:buffer';

/** Deeper than any shape goes. */
const DEPTH_MAX = 200;
/** Bytes of a bignum. No shape has one; what fits is read as a number. */
const BIGNUM_MAX_BYTES = 16;
const BIGNUM_TAGS: ReadonlySet<number> = new Set([2, 3]);

const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;
const INDEFINITE = 31;
/** Number of items of a list, map or string that says no length. */
const UNTIL_BREAK = -1;

/**
 * What is wrong with bytes that should be one CBOR item; `undefined` when nothing is. The decoder of the SDK trusts what it
 * reads: it allocates what a length promises, recurses as deep as it is told, and computes bignums of any size.
 *
 * https://www.rfc-editor.org/rfc/rfc8949.html#section-3
 */
export const flawOfCbor = (bytes: Buffer): string | undefined => {
  /** Items that the lists and maps around this place still wait for. */
  const open: number[] = [1];
  let at = 0;
  while (open.length > 0) {
    const waiting = open.at(-1) as number;
    if (waiting === 0) {
      open.pop();
      continue;
    }
    if (at >= bytes.length) return 'it ends too early';
    const first = bytes[at++] as number;
    const major = first >> 5;
    const info = first & 31;
    if (first === 0xff) {
      if (waiting !== UNTIL_BREAK) return 'a break where none belongs';
      open.pop();
      continue;
    }
    if (waiting !== UNTIL_BREAK) open[open.length - 1] = waiting - 1;
    if (info > 27 && info < INDEFINITE) return 'an unknown length';
    let length = info;
    if (info >= 24 && info <= 27) {
      const width = 2 ** (info - 24);
      if (at + width > bytes.length) return 'it ends too early';
      length = width === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, width);
      at += width;
    } else if (info === INDEFINITE) {
      if (major < BYTES || major > MAP) return 'an unknown length';
      length = UNTIL_BREAK;
    }
    if (major === BYTES || major === TEXT) {
      if (length === UNTIL_BREAK) open.push(UNTIL_BREAK);
      else {
        if (at + length > bytes.length) return 'it ends too early';
        if (major === TEXT && !isUtf8(bytes.subarray(at, at + length))) return 'a text that is not UTF-8';
        at += length;
      }
    } else if (major === LIST || major === MAP) {
      // Each item takes a byte at least.
      if (length > bytes.length - at) return 'it ends too early';
      open.push(length === UNTIL_BREAK ? UNTIL_BREAK : major === MAP ? 2 * length : length);
    } else if (major === TAG) {
      if (BIGNUM_TAGS.has(length) && lengthOfBytesAt(bytes, at) > BIGNUM_MAX_BYTES) return 'a number that is too large';
      open.push(1);
    } else if (major === SIMPLE && info === 24 && length < 32) return 'an unknown simple value';
    if (open.length > DEPTH_MAX) return 'it is nested too deeply';
  }
  return at === bytes.length ? undefined : 'something follows it';
};

/** Of a byte string; infinite for one in pieces and for what is none. */
const lengthOfBytesAt = (bytes: Buffer, at: number): number => {
  const first = bytes[at] ?? 0;
  if (first >> 5 !== BYTES) return Number.POSITIVE_INFINITY;
  const info = first & 31;
  return info < 24 ? info : Number.POSITIVE_INFINITY;
};
