import { isAscii } from 'node:buffer';
import { checksumOf, writeHex } from './record.ts';

/** Behind each value, eight hexadecimal digits: its checksum. */
export const VALUE_CHECKSUM_BYTES = 8;
const CHECKSUM_AND_END = `${'0'.repeat(VALUE_CHECKSUM_BYTES)}\n`;

/** One change of a collection. */
export interface Change {
  readonly collection: string;
  readonly key: string;
  /** JSON; nothing means that the key is gone. */
  readonly value: string | undefined;
}

/** Changes as text, and where in it the value of each begins and its line ends, in characters, in turns. */
export interface WrittenLines {
  readonly text: string;
  readonly ends: readonly number[];
}

/**
 * `collection keyBytes key value checksum`, one line for each change; the last two, without a space between them, only
 * when there is a value. A key may hold anything, so its length is said; JSON has no line ends. {@link sealValues} fills
 * in the checksums, once there are bytes to take them over.
 */
export const writeLines = (changes: readonly Change[]): WrittenLines => {
  let text = '';
  const ends: number[] = [];
  // Most lines begin as the one before.
  let [collectionBefore, keyBytesBefore, beginning] = ['', -1, ''];
  for (const { collection, key, value } of changes) {
    const keyBytes = Buffer.byteLength(key);
    if (collection !== collectionBefore || keyBytes !== keyBytesBefore) {
      [collectionBefore, keyBytesBefore, beginning] = [collection, keyBytes, `${collection} ${keyBytes} `];
    }
    text += beginning + key;
    ends.push(text.length);
    text += value === undefined ? '\n' : value + CHECKSUM_AND_END;
    ends.push(text.length);
  }
  return { text, ends };
};

/** The same places in bytes, given what the text takes as UTF-8. */
export const placesOf = ({ text, ends }: WrittenLines, textBytes: number): readonly number[] => {
  if (textBytes === text.length) return ends;
  let at = 0;
  let character = 0;
  return ends.map((end) => {
    at += Buffer.byteLength(text.slice(character, end));
    character = end;
    return at;
  });
};

/** Fills in the checksum of each value; the lines begin at `start`. */
export const sealValues = (bytes: Buffer, start: number, places: readonly number[]): void => {
  for (let index = 0; index < places.length; index += 2) {
    const valueAt = start + (places[index] as number);
    const checksumAt = start + (places[index + 1] as number) - 1 - VALUE_CHECKSUM_BYTES;
    // The line of a key that is gone ends where a value would begin.
    if (checksumAt > valueAt) writeHex(bytes, checksumAt, checksumOf(bytes, valueAt, checksumAt));
  }
};

/** A line of a payload: what it says, and where it is, in bytes. */
export interface Line {
  collection: string;
  key: string;
  start: number;
  /** Where the value begins; the same as `end` when the key is gone. */
  valueAt: number;
  /** Its last character, which ends the line. */
  end: number;
}

/** Shorter texts are copied when they are cut out of a longer one; others keep all of it in memory. */
const COPIED_LENGTH_MAX = 12;

/** The lines of a payload, in order. It is the same object each time, with other contents. */
export const readLines = function* (payload: Buffer): Generator<Readonly<Line>> {
  // One character for each byte, so that places in the text are places in the payload.
  const text = payload.toString('latin1');
  const isText = isAscii(payload);
  const line: Line = { collection: '', key: '', start: 0, valueAt: 0, end: 0 };
  // Most lines are of the same collection as the one before.
  let beginning = ' ';
  while (line.start < text.length) {
    if (!text.startsWith(beginning, line.start)) {
      line.collection = text.slice(line.start, text.indexOf(' ', line.start));
      beginning = `${line.collection} `;
    }
    const lengthAt = line.start + beginning.length;
    const keyAt = text.indexOf(' ', lengthAt) + 1;
    line.valueAt = keyAt + Number(text.slice(lengthAt, keyAt - 1));
    line.end = text.indexOf('\n', line.valueAt);
    line.key =
      isText && line.valueAt - keyAt <= COPIED_LENGTH_MAX
        ? text.slice(keyAt, line.valueAt)
        : payload.toString('utf8', keyAt, line.valueAt);
    yield line;
    line.start = line.end + 1;
  }
};
