/** One change of a collection. */
export interface Change {
  readonly collection: string;
  readonly key: string;
  /** JSON; nothing means that the key is gone. */
  readonly value: string | undefined;
}

/**
 * `collection keyBytes key value`, one line for each change. A key may hold anything, so its length is said; JSON has
 * no line ends.
 */
export const writeLines = (changes: readonly Change[]): string => {
  let text = '';
  for (const { collection, key, value } of changes) text += `${headOf(collection, key)}${value ?? ''}\n`;
  return text;
};

const headOf = (collection: string, key: string): string => `${collection} ${Buffer.byteLength(key)} ${key}`;

/** Where the value of each change is in what {@link writeLines} made of them, in bytes, and how long the line is. */
export const placesOf = function* (
  changes: readonly Change[],
  isAscii: boolean,
): Generator<readonly [change: Change, valueAt: number, lineBytes: number]> {
  const bytesOf = isAscii ? (text: string): number => text.length : (text: string): number => Buffer.byteLength(text);
  let at = 0;
  for (const change of changes) {
    const headBytes = bytesOf(headOf(change.collection, change.key));
    const lineBytes = headBytes + bytesOf(change.value ?? '') + 1;
    yield [change, at + headBytes, lineBytes];
    at += lineBytes;
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

/** The lines of a payload, in order. It is the same object each time, with other contents. */
export const readLines = function* (payload: Buffer): Generator<Readonly<Line>> {
  // One character for each byte, so that places in the text are places in the payload.
  const text = payload.toString('latin1');
  const line: Line = { collection: '', key: '', start: 0, valueAt: 0, end: 0 };
  while (line.start < text.length) {
    const nameEnd = text.indexOf(' ', line.start);
    const keyAt = text.indexOf(' ', nameEnd + 1) + 1;
    line.valueAt = keyAt + Number(text.slice(nameEnd + 1, keyAt - 1));
    line.end = text.indexOf('\n', line.valueAt);
    line.collection = text.slice(line.start, nameEnd);
    // Not a slice of the text: whoever keeps the key would keep all of the text.
    line.key = payload.toString('utf8', keyAt, line.valueAt);
    yield line;
    line.start = line.end + 1;
  }
};
