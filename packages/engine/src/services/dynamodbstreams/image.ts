import type { AttributeValue } from '@aws-sdk/client-dynamodb-streams';
import { base64OfBytes, bytesOfBase64, utf8Length } from '@holdfast/kernel';

/** An item, a key or an image of one. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The same with binary values as base64: how items are stored and how functions get them. */
export type JsonItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const valueToJson = (value: AttributeValue): Record<string, unknown> => {
  if (value.B !== undefined) return { B: base64OfBytes(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64OfBytes) };
  if (value.L !== undefined) return { L: value.L.map(valueToJson) };
  if (value.M !== undefined) return { M: itemToJson(value.M) };
  return value as unknown as Record<string, unknown>;
};

const valueFromJson = (json: Readonly<Record<string, unknown>>): AttributeValue => {
  if (typeof json['B'] === 'string') return { B: bytesOfBase64(json['B']) };
  if (Array.isArray(json['BS'])) return { BS: (json['BS'] as string[]).map(bytesOfBase64) };
  if (Array.isArray(json['L'])) return { L: (json['L'] as Record<string, unknown>[]).map(valueFromJson) };
  if (json['M'] !== undefined) return { M: { ...itemFromJson(json['M'] as JsonItem) } };
  return json as unknown as AttributeValue;
};

export const itemToJson = (item: Item): JsonItem =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueToJson(value)]));

export const itemFromJson = (json: JsonItem): Item =>
  Object.fromEntries(Object.entries(json).map(([name, value]) => [name, valueFromJson(value)]));

const LEVEL_BYTES = 3;

const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return utf8Length(value.S);
  // Two digits to a byte, and one more.
  if (value.N !== undefined) return Math.ceil(value.N.replace(/[-.]/g, '').length / 2) + 1;
  if (value.B !== undefined) return value.B.byteLength;
  if (value.SS !== undefined) return value.SS.reduce((sum, text) => sum + utf8Length(text), 0);
  if (value.NS !== undefined) return value.NS.reduce((sum, N) => sum + valueBytes({ N }), 0);
  if (value.BS !== undefined) return value.BS.reduce((sum, bytes) => sum + bytes.byteLength, 0);
  if (value.L !== undefined) return value.L.reduce((sum, inner) => sum + valueBytes(inner) + 1, LEVEL_BYTES);
  if (value.M !== undefined) return itemBytes(value.M) + Object.keys(value.M).length + LEVEL_BYTES;
  return 1;
};

/** Size of an item, names included. */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + utf8Length(name) + valueBytes(value), 0);
