/** A number that is a double whether or not it is whole. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Seconds or milliseconds, with the tag of a time. */
export class Time {
  readonly value: number | Float;

  constructor(value: number | Float) {
    this.value = value;
  }
}

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const [FALSE, TRUE, NULL, DOUBLE] = [0xf4, 0xf5, 0xf6, 0xfb];
const TIME_TAG = 1;

const FIRST_SIZE = 1_024;

/**
 * Writes CBOR. The library that reads it here writes whole doubles as integers, which typed clients take for what they are not.
 * @see https://www.rfc-editor.org/rfc/rfc8949
 */
export class CborWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  /** Members that are `undefined` are left out. */
  static write(value: unknown): Uint8Array {
    const writer = new CborWriter();
    writer.#value(value);
    return writer.#bytes.subarray(0, writer.#length);
  }

  #value(value: unknown): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else if (value === null || value === undefined) this.#byte(NULL);
    else if (value instanceof Float) this.#double(value.value);
    else if (value instanceof Time) {
      this.#head(TAG, TIME_TAG);
      this.#value(value.value);
    } else if (value instanceof Uint8Array) this.#blob(value);
    else if (Array.isArray(value)) {
      this.#head(LIST, value.length);
      for (const item of value) this.#value(item);
    } else this.#members(value);
  }

  #members(value: object): void {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    this.#head(MAP, members.length);
    for (const [name, member] of members) {
      this.#text(name);
      this.#value(member);
    }
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Kind and length, or kind and number, as short as it can be. */
  #head(kind: number, value: number): void {
    this.#reserve(9);
    const bytes = this.#bytes;
    const first = kind << 5;
    if (value < 24) this.#length = bytes.writeUInt8(first | value, this.#length);
    else if (value < 0x1_00) this.#length = bytes.writeUInt8(value, bytes.writeUInt8(first | 24, this.#length));
    else if (value < 0x1_00_00) this.#length = bytes.writeUInt16BE(value, bytes.writeUInt8(first | 25, this.#length));
    else if (value < 0x1_00_00_00_00)
      this.#length = bytes.writeUInt32BE(value, bytes.writeUInt8(first | 26, this.#length));
    else this.#length = bytes.writeBigUInt64BE(BigInt(value), bytes.writeUInt8(first | 27, this.#length));
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) this.#double(value);
    else if (value >= 0) this.#head(UNSIGNED, value);
    else this.#head(NEGATIVE, -1 - value);
  }

  #double(value: number): void {
    this.#reserve(9);
    this.#length = this.#bytes.writeDoubleBE(value, this.#bytes.writeUInt8(DOUBLE, this.#length));
  }

  #text(value: string): void {
    const count = Buffer.byteLength(value);
    this.#head(TEXT, count);
    this.#reserve(count);
    this.#length += this.#bytes.write(value, this.#length);
  }

  #blob(value: Uint8Array): void {
    this.#head(BYTES, value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }
}
