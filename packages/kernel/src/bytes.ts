/**
 * Text and bytes, base64 and hexadecimal digits, for packages that know no `Buffer`. Node's own encodings are reached
 * through what every JavaScript platform has: `TextEncoder` where it is fast, tables where it is not.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { fatal: true });

/** Longest text that is quicker counted here than by the platform. */
const COUNTED_LENGTH_MAX = 32;
const scratch = new Uint8Array(16_384);

/** Text as the bytes that travel. A lone surrogate becomes U+FFFD. */
export const utf8Bytes = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** The text of bytes in UTF-8: a byte order mark stays, what is no UTF-8 becomes U+FFFD. */
export const utf8Text = (bytes: Uint8Array): string => decoder.decode(bytes);

/** How many bytes text has in UTF-8; nothing is kept of them. */
export const utf8Length = (text: string): number => {
  if (text.length <= COUNTED_LENGTH_MAX) {
    let index = 0;
    while (index < text.length && text.charCodeAt(index) < 0x80) index += 1;
    if (index === text.length) return index;
  }
  let bytes = 0;
  let rest = text;
  for (;;) {
    const { read, written } = encoder.encodeInto(rest, scratch);
    bytes += written;
    if (read === rest.length) return bytes;
    rest = rest.slice(read);
  }
};

const BASE64_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODE_OF_VALUE = utf8Bytes(BASE64_DIGITS);
const PADDING = 0x3d;
const NO_DIGIT = 0xff;

const VALUE_OF_CODE = new Uint8Array(128).fill(NO_DIGIT);
for (let value = 0; value < 64; value++) VALUE_OF_CODE[CODE_OF_VALUE[value] as number] = value;
VALUE_OF_CODE['-'.charCodeAt(0)] = 62;
VALUE_OF_CODE['_'.charCodeAt(0)] = 63;

/** Base64 with padding, RFC 4648 section 4. */
export const base64OfBytes = (bytes: Uint8Array): string => {
  const length = Math.ceil(bytes.length / 3) * 4;
  const codes = length <= scratch.length ? scratch : new Uint8Array(length);
  const wholeTriples = bytes.length - (bytes.length % 3);
  let at = 0;
  for (let index = 0; index < wholeTriples; index += 3) {
    const triple =
      ((bytes[index] as number) << 16) | ((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number);
    codes[at] = CODE_OF_VALUE[triple >> 18] as number;
    codes[at + 1] = CODE_OF_VALUE[(triple >> 12) & 63] as number;
    codes[at + 2] = CODE_OF_VALUE[(triple >> 6) & 63] as number;
    codes[at + 3] = CODE_OF_VALUE[triple & 63] as number;
    at += 4;
  }
  if (wholeTriples < bytes.length) {
    const hasTwo = wholeTriples + 1 < bytes.length;
    const triple = ((bytes[wholeTriples] as number) << 16) | (hasTwo ? (bytes[wholeTriples + 1] as number) << 8 : 0);
    codes[at] = CODE_OF_VALUE[triple >> 18] as number;
    codes[at + 1] = CODE_OF_VALUE[(triple >> 12) & 63] as number;
    codes[at + 2] = hasTwo ? (CODE_OF_VALUE[(triple >> 6) & 63] as number) : PADDING;
    codes[at + 3] = PADDING;
  }
  return decoder.decode(codes.subarray(0, length));
};

/** Digit by digit: the URL's alphabet too, padding or none, and what is no digit is passed over. */
const lenientBytesOfBase64 = (base64: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array((base64.length * 3) >>> 2);
  let at = 0;
  let held = 0;
  let bits = 0;
  for (let index = 0; index < base64.length; index++) {
    const code = base64.charCodeAt(index);
    if (code === PADDING) break;
    const value = code < 128 ? (VALUE_OF_CODE[code] as number) : NO_DIGIT;
    if (value === NO_DIGIT) continue;
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  return at === bytes.length ? bytes : bytes.slice(0, at);
};

/** The bytes behind base64 of either alphabet, with padding or without; characters that are no digits are passed over. */
export const bytesOfBase64 = (base64: string): Uint8Array<ArrayBuffer> => {
  let latin1: string;
  try {
    latin1 = atob(base64);
  } catch {
    return lenientBytesOfBase64(base64);
  }
  const bytes = new Uint8Array(latin1.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = latin1.charCodeAt(index);
  return bytes;
};

/** Base64 of text in UTF-8. */
export const base64OfText = (text: string): string => base64OfBytes(utf8Bytes(text));

/** The text behind {@link base64OfText}; `undefined` when it is no base64 or no UTF-8. */
export const textOfBase64 = (base64: string): string | undefined => {
  try {
    return strictDecoder.decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
};

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Two lower-case hexadecimal digits for each byte. */
export const hexOfBytes = (bytes: Uint8Array): string => {
  let hex = '';
  for (const byte of bytes) hex += HEX_OF_BYTE[byte] as string;
  return hex;
};

/** The bytes behind an even number of hexadecimal digits. */
export const bytesOfHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length >> 1 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));

/** Pieces as one. */
export const joinBytes = (pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
};

/** Order of bytes without sign, the shorter first where one begins the other: negative, 0 or positive. */
export const compareBytes = (left: Uint8Array, right: Uint8Array): number => {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const difference = (left[index] as number) - (right[index] as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/** Whether one sequence of bytes occurs within another; none occurs in all. */
export const includesBytes = (whole: Uint8Array, part: Uint8Array): boolean => {
  const first = part[0];
  if (first === undefined) return true;
  const last = whole.length - part.length;
  for (let at = whole.indexOf(first); at !== -1 && at <= last; at = whole.indexOf(first, at + 1)) {
    let matched = 1;
    while (matched < part.length && whole[at + matched] === part[matched]) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
};
