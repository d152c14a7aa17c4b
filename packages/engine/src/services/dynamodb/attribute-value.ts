import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { base64OfBytes, bytesOfBase64, compareBytes, memberOf, setMember, utf8Length } from '@holdfast/kernel';
import { normaliseNumber, numberBytes } from './decimal.ts';
import { invalid, invalidValue } from './errors.ts';

export type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** An item or a key. Stored items are never changed in place: a write replaces what it touches. */
export type Item = Record<string, AttributeValue>;

export type AttributeType = 'S' | 'N' | 'B' | 'SS' | 'NS' | 'BS' | 'M' | 'L' | 'NULL' | 'BOOL';

export const ITEM_BYTES_MAX = 400 * 1024;
const NESTING_LEVELS_MAX = 32;

/** The type of a value that holds exactly one. */
export const typeOf = (value: AttributeValue): AttributeType => {
  if (value.S !== undefined) return 'S';
  if (value.N !== undefined) return 'N';
  if (value.M !== undefined) return 'M';
  if (value.L !== undefined) return 'L';
  if (value.BOOL !== undefined) return 'BOOL';
  if (value.NULL !== undefined) return 'NULL';
  if (value.B !== undefined) return 'B';
  if (value.SS !== undefined) return 'SS';
  if (value.NS !== undefined) return 'NS';
  return 'BS';
};

/** An item taken in: checked, numbers normalised, copied, measured. */
export interface Taken {
  readonly item: Item;
  readonly bytes: number;
  /** Whether binary values occur anywhere: only then storing must translate. */
  readonly hasBinary: boolean;
}

class Intake {
  bytes = 0;
  hasBinary = false;

  value(value: AttributeValue, depth: number): AttributeValue {
    const type = onlyType(value);
    switch (type) {
      case 'S': {
        const text = value.S as string;
        this.bytes += utf8Length(text);
        return { S: text };
      }
      case 'N':
        return { N: this.#number(value.N as string) };
      case 'B':
        return { B: this.#binary(value.B as Uint8Array) };
      case 'BOOL':
        this.bytes += 1;
        return { BOOL: value.BOOL as boolean };
      case 'NULL':
        if (value.NULL !== true) throw invalidValue('Null attribute value types must have the value of true');
        this.bytes += 1;
        return { NULL: true };
      case 'M':
        return { M: this.#map(value.M as Item, depth) };
      case 'L':
        return { L: this.#list(value.L as AttributeValue[], depth) };
      case 'SS':
        return { SS: this.#stringSet(value.SS as string[]) };
      case 'NS':
        return { NS: this.#numberSet(value.NS as string[]) };
      case 'BS':
        return { BS: this.#binarySet(value.BS as Uint8Array[]) };
    }
  }

  #number(text: string): string {
    const normalised = normaliseNumber(text);
    this.bytes += numberBytes(normalised);
    return normalised;
  }

  #binary(bytes: Uint8Array): Uint8Array {
    this.hasBinary = true;
    this.bytes += bytes.byteLength;
    return bytes.slice();
  }

  #map(entries: Item, depth: number): Item {
    if (depth >= NESTING_LEVELS_MAX) throw invalid('Nesting Levels have exceeded supported limits');
    const copy: Item = {};
    this.bytes += 3;
    for (const name in entries) {
      this.bytes += 1 + utf8Length(name);
      setMember(copy, name, this.value(entries[name] as AttributeValue, depth + 1));
    }
    return copy;
  }

  #list(elements: readonly AttributeValue[], depth: number): AttributeValue[] {
    if (depth >= NESTING_LEVELS_MAX) throw invalid('Nesting Levels have exceeded supported limits');
    this.bytes += 3 + elements.length;
    return elements.map((element) => this.value(element, depth + 1));
  }

  #stringSet(elements: readonly string[]): string[] {
    if (elements.length === 0) throw invalidValue('An string set  may not be empty');
    if (new Set(elements).size < elements.length) {
      throw invalidValue(`Input collection [${elements.join(', ')}] contains duplicates.`);
    }
    for (const element of elements) this.bytes += utf8Length(element);
    return [...elements];
  }

  #numberSet(elements: readonly string[]): string[] {
    if (elements.length === 0) throw invalidValue('An number set  may not be empty');
    const numbers = elements.map((element) => this.#number(element));
    if (new Set(numbers).size < numbers.length) throw invalid('Input collection contains duplicates');
    return numbers;
  }

  #binarySet(elements: readonly Uint8Array[]): Uint8Array[] {
    if (elements.length === 0) throw invalidValue('Binary sets should not be empty');
    if (new Set(elements.map(base64OfBytes)).size < elements.length) {
      const shown = elements.map(base64OfBytes).join(', ');
      throw invalidValue(`Input collection [${shown}]of type BS contains duplicates.`);
    }
    return elements.map((element) => this.#binary(element));
  }
}

const TYPES: ReadonlySet<string> = new Set(['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL']);

const onlyType = (value: AttributeValue): AttributeType => {
  let found: string | undefined;
  for (const type in value) {
    if (!TYPES.has(type) || (value as unknown as Record<string, unknown>)[type] === undefined) continue;
    if (found !== undefined) {
      throw invalid(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      );
    }
    found = type;
  }
  if (found === undefined) {
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  return found as AttributeType;
};

/** Takes in what a caller sends: the only deep copy on the way of a write. */
export const takeItem = (source: Item): Taken => {
  const intake = new Intake();
  const item: Item = {};
  for (const name in source) {
    intake.bytes += utf8Length(name);
    setMember(item, name, intake.value(source[name] as AttributeValue, 0));
  }
  return { item, bytes: intake.bytes, hasBinary: intake.hasBinary };
};

/** Takes in one value: an operand of an expression. */
export const takeValue = (source: AttributeValue): AttributeValue => new Intake().value(source, 0);

/** Measures an item that was put together from values already taken in. */
export const measure = (item: Item): { readonly bytes: number; readonly hasBinary: boolean } => {
  let bytes = 0;
  let hasBinary = false;
  const add = (value: AttributeValue, depth: number): void => {
    if (depth > NESTING_LEVELS_MAX) throw invalid('Nesting Levels have exceeded supported limits');
    if (value.S !== undefined) bytes += utf8Length(value.S);
    else if (value.N !== undefined) bytes += numberBytes(value.N);
    else if (value.B !== undefined) {
      hasBinary = true;
      bytes += value.B.byteLength;
    } else if (value.M !== undefined) {
      bytes += 3;
      for (const name in value.M) {
        bytes += 1 + utf8Length(name);
        add(value.M[name] as AttributeValue, depth + 1);
      }
    } else if (value.L !== undefined) {
      bytes += 3 + value.L.length;
      for (const element of value.L) add(element, depth + 1);
    } else if (value.SS !== undefined) for (const element of value.SS) bytes += utf8Length(element);
    else if (value.NS !== undefined) for (const element of value.NS) bytes += numberBytes(element);
    else if (value.BS !== undefined) {
      hasBinary = true;
      for (const element of value.BS) bytes += element.byteLength;
    } else bytes += 1;
  };
  for (const name in item) {
    bytes += utf8Length(name);
    add(item[name] as AttributeValue, 0);
  }
  return { bytes, hasBinary };
};

const sameMembers = (left: readonly string[], right: readonly string[]): boolean => {
  if (left.length !== right.length) return false;
  const members = new Set(left);
  return right.every((element) => members.has(element));
};

/** Whether two values are the same value of the same type; sets regardless of order. */
export const valuesEqual = (left: AttributeValue, right: AttributeValue): boolean => {
  if (left.S !== undefined) return left.S === right.S;
  if (left.N !== undefined) return left.N === right.N;
  if (left.BOOL !== undefined) return left.BOOL === right.BOOL;
  if (left.NULL !== undefined) return right.NULL !== undefined;
  if (left.B !== undefined) return right.B !== undefined && compareBytes(left.B, right.B) === 0;
  if (left.SS !== undefined) return right.SS !== undefined && sameMembers(left.SS, right.SS);
  if (left.NS !== undefined) return right.NS !== undefined && sameMembers(left.NS, right.NS);
  if (left.BS !== undefined)
    return right.BS !== undefined && sameMembers(left.BS.map(base64OfBytes), right.BS.map(base64OfBytes));
  if (left.L !== undefined) {
    const others = right.L;
    return (
      others !== undefined &&
      left.L.length === others.length &&
      left.L.every((element, index) => valuesEqual(element, others[index] as AttributeValue))
    );
  }
  return left.M !== undefined && right.M !== undefined && itemsEqual(left.M, right.M);
};

/** Whether two items have the same attributes: a write that changes nothing is no change. */
export const itemsEqual = (left: Item, right: Item): boolean => {
  if (left === right) return true;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const other = memberOf(right, name);
    return other !== undefined && valuesEqual(left[name] as AttributeValue, other);
  });
};

type Json = Record<string, unknown>;

const valueToJson = (value: AttributeValue): Json => {
  if (value.B !== undefined) return { B: base64OfBytes(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64OfBytes) };
  if (value.L !== undefined) return { L: value.L.map(valueToJson) };
  if (value.M !== undefined) return { M: itemToJson(value.M) };
  return value as unknown as Json;
};

/** Plain JSON of an item: binary as base64, all else as it is. */
export const itemToJson = (item: Item): Json =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueToJson(value)]));

const valueFromJson = (json: Json): AttributeValue => {
  if (typeof json['B'] === 'string') return { B: bytesOfBase64(json['B']) };
  if (Array.isArray(json['BS'])) return { BS: (json['BS'] as string[]).map(bytesOfBase64) };
  if (Array.isArray(json['L'])) return { L: (json['L'] as Json[]).map(valueFromJson) };
  if (json['M'] !== undefined) return { M: itemFromJson(json['M'] as Json) };
  return json as unknown as AttributeValue;
};

/** The item that {@link itemToJson} wrote. */
export const itemFromJson = (json: Json): Item =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, valueFromJson(value as Json)]));
