import type { AttributeDefinition, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { base64OfBytes, memberOf, setMember, utf8Length } from '@holdfast/kernel';
import { type AttributeType, type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { sortableNumber } from './decimal.ts';
import { invalid, invalidValue, KeyMismatch } from './errors.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** Partition key and, if there is one, sort key of a table or an index. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort: KeyAttribute | undefined;
}

const PARTITION_KEY_BYTES_MAX = 2048;
const SORT_KEY_BYTES_MAX = 1024;

/** Reads a key schema that has passed validation. */
export const readKeySchema = (
  elements: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): KeySchema => {
  const attribute = (keyType: string): KeyAttribute | undefined => {
    const name = elements.find((element) => element.KeyType === keyType)?.AttributeName;
    const type = definitions.find((definition) => definition.AttributeName === name)?.AttributeType;
    return name === undefined ? undefined : { name, type: type as KeyAttribute['type'] };
  };
  return { partition: attribute('HASH') as KeyAttribute, sort: attribute('RANGE') };
};

/** Names of the key attributes, partition key first. */
export const keyNames = ({ partition, sort }: KeySchema): string[] =>
  sort === undefined ? [partition.name] : [partition.name, sort.name];

const isScalarOf = (value: AttributeValue, type: KeyAttribute['type']): boolean => value[type] !== undefined;

const checkScalar = (value: AttributeValue, attribute: KeyAttribute, isPartition: boolean): void => {
  if (attribute.type === 'N') return;
  const bytes = attribute.type === 'S' ? utf8Length(value.S as string) : (value.B as Uint8Array).byteLength;
  if (bytes === 0) {
    throw invalid(
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ' +
        `${attribute.type === 'S' ? 'string' : 'binary'} value. Key: ${attribute.name}`,
    );
  }
  if (isPartition && bytes > PARTITION_KEY_BYTES_MAX) {
    throw invalidValue('Size of hashkey has exceeded the maximum size limit of2048 bytes');
  }
  if (!isPartition && bytes > SORT_KEY_BYTES_MAX) {
    throw invalidValue('Aggregated size of all range keys has exceeded the size limit of 1024 bytes');
  }
};

/** Checks that a `Key` parameter has exactly the attributes of the schema, with their types. */
export const checkKey = (key: Item, schema: KeySchema): void => {
  const mismatch = 'The provided key element does not match the schema';
  const { partition, sort } = schema;
  let count = 0;
  for (const _ in key) count += 1;
  const partitionValue = memberOf(key, partition.name);
  if (partitionValue === undefined || count !== (sort === undefined ? 1 : 2)) throw new KeyMismatch(mismatch);
  if (!isScalarOf(partitionValue, partition.type)) throw new KeyMismatch(mismatch);
  checkScalar(partitionValue, partition, true);
  if (sort === undefined) return;
  const sortValue = memberOf(key, sort.name);
  if (sortValue === undefined || !isScalarOf(sortValue, sort.type)) throw new KeyMismatch(mismatch);
  checkScalar(sortValue, sort, false);
};

const itemMismatch = (rule: string): KeyMismatch =>
  new KeyMismatch(`One or more parameter values were invalid: ${rule}`);

const checkItemAttribute = (item: Item, attribute: KeyAttribute, isPartition: boolean): void => {
  const value = memberOf(item, attribute.name);
  if (value === undefined) throw itemMismatch(`Missing the key ${attribute.name} in the item`);
  if (!isScalarOf(value, attribute.type)) {
    throw itemMismatch(`Type mismatch for key ${attribute.name} expected: ${attribute.type} actual: ${typeOf(value)}`);
  }
  checkScalar(value, attribute, isPartition);
};

/** Checks that an item carries the key attributes of its table. */
export const checkItemKey = (item: Item, { partition, sort }: KeySchema): void => {
  checkItemAttribute(item, partition, true);
  if (sort !== undefined) checkItemAttribute(item, sort, false);
};

const EMPTY_KINDS: Partial<Record<AttributeType, string>> = { S: 'string', B: 'binary' };

/** Attributes that are keys of an index may be missing, but not of another type, and not empty. */
export const checkIndexKey = (item: Item, schema: KeySchema, indexName: string): void => {
  for (const attribute of [schema.partition, schema.sort]) {
    const value = attribute === undefined ? undefined : memberOf(item, attribute.name);
    if (attribute === undefined || value === undefined) continue;
    if (!isScalarOf(value, attribute.type)) {
      throw itemMismatch(
        `Type mismatch for Index Key ${attribute.name} Expected: ${attribute.type} Actual: ${typeOf(value)} ` +
          `IndexName: ${indexName}`,
      );
    }
    const isEmpty = attribute.type !== 'N' && (value.S?.length ?? value.B?.byteLength) === 0;
    if (isEmpty) {
      throw invalid(
        'One or more parameter values are not valid. A value specified for a secondary index key is not supported. ' +
          `The AttributeValue for a key attribute cannot contain an empty ${EMPTY_KINDS[attribute.type]} value. ` +
          `IndexName: ${indexName}, IndexKey: ${attribute.name}`,
      );
    }
    checkScalar(value, attribute, attribute === schema.partition);
  }
};

/** Key attributes of an item, for `LastEvaluatedKey`. */
export const keyOf = (item: Item, schemas: readonly KeySchema[]): Item => {
  const key: Item = {};
  for (const schema of schemas) {
    for (const name of keyNames(schema)) setMember(key, name, memberOf(item, name) as AttributeValue);
  }
  return key;
};

/** Text of a key value, one per value. */
const plainText = (value: AttributeValue): string => value.S ?? value.N ?? base64OfBytes(value.B as Uint8Array);

const NUL = String.fromCharCode(0);

/** Stores keep text without NUL, and no key may be mistaken for another's escape. */
const storable = (text: string): string =>
  text.includes('%') || text.includes(NUL) ? text.replaceAll('%', '%25').replaceAll(NUL, '%00') : text;

/** Identity of an item within its table. The length in front keeps ('ab', 'c') and ('a', 'bc') apart. */
export const rowKeyOf = (item: Item, { partition, sort }: KeySchema): string => {
  const first = storable(plainText(item[partition.name] as AttributeValue));
  if (sort === undefined) return first;
  return `${first.length}:${first}${storable(plainText(item[sort.name] as AttributeValue))}`;
};

const ABOVE_BMP_OR_SURROGATE = /[\ud800-\uffff]/;

/**
 * Text that compares by code unit as its UTF-8 bytes compare: the only difference is that surrogate pairs stand
 * above U+E000 to U+FFFF, so the two ranges of code units change places.
 */
const inUtf8Order = (text: string): string => {
  if (!ABOVE_BMP_OR_SURROGATE.test(text)) return text;
  let result = '';
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    result += String.fromCharCode(unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
  }
  return result;
};

/** Ends a part of an order key; sorts below everything a part can contain. */
const END = NUL + NUL;
/** Above {@link END} and below every longer part. */
const AFTER_END = `${NUL}\u0001`;
const ESCAPED_NUL = `${NUL}\u00ff`;

const escaped = (text: string): string => (text.includes(NUL) ? text.replaceAll(NUL, ESCAPED_NUL) : text);

const orderText = (value: AttributeValue): string => {
  if (value.S !== undefined) return escaped(inUtf8Order(value.S));
  if (value.N !== undefined) return sortableNumber(value.N);
  return escaped(String.fromCharCode(...(value.B as Uint8Array)));
};

/** FNV-1a with a final mix: 32 bits that spread evenly. */
const hashText = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

const hashPrefix = (hash: number): string =>
  String.fromCharCode(hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255);

/**
 * Where the items of one partition lie in the order of a table or index: by hash of the partition key, then by
 * partition key, then by sort key (bytes, numbers by value), then, in indexes, by the table's own key.
 */
export const partitionPrefix = (partitionValue: AttributeValue): string => {
  const text = orderText(partitionValue);
  return hashPrefix(hashText(text)) + text + END;
};

/** Order key of an item; `undefined` when an attribute of the key is missing: the item is not in that index. */
export const orderKeyOf = (item: Item, { partition, sort }: KeySchema, tie = ''): string | undefined => {
  const partitionValue = memberOf(item, partition.name);
  if (partitionValue === undefined) return undefined;
  if (sort === undefined) return partitionPrefix(partitionValue) + END + tie;
  const sortValue = memberOf(item, sort.name);
  return sortValue === undefined ? undefined : partitionPrefix(partitionValue) + orderText(sortValue) + END + tie;
};

/** Half-open range `[from, to)` of order keys. */
export interface OrderRange {
  readonly from: string;
  readonly to: string | undefined;
}

const HASHES = 2 ** 32;

/** The part of a parallel scan: an equal share of the hash's range. */
export const segmentRange = (segment: number, totalSegments: number): OrderRange => {
  const bound = (at: number): string => hashPrefix(Math.ceil((HASHES * at) / totalSegments));
  return {
    from: segment === 0 ? '' : bound(segment),
    to: segment + 1 === totalSegments ? undefined : bound(segment + 1),
  };
};

/** Lowest text above every text that starts with `prefix`. */
const afterPrefix = (prefix: string): string => {
  let end = prefix.length;
  while (end > 0 && prefix.charCodeAt(end - 1) === 0xffff) end -= 1;
  return prefix.slice(0, end - 1) + String.fromCharCode(prefix.charCodeAt(end - 1) + 1);
};

/** Condition on the sort key of a query. */
export interface SortCondition {
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with';
  readonly operands: readonly AttributeValue[];
}

/** Where the answer of a query lies. */
export const queryRange = (partitionValue: AttributeValue, condition: SortCondition | undefined): OrderRange => {
  const prefix = partitionPrefix(partitionValue);
  const partitionEnd = prefix.slice(0, -1) + AFTER_END.slice(1);
  if (condition === undefined) return { from: prefix, to: partitionEnd };
  const first = prefix + orderText(condition.operands[0] as AttributeValue);
  switch (condition.operator) {
    case '=':
      return { from: first + END, to: first + AFTER_END };
    case '<':
      return { from: prefix, to: first + END };
    case '<=':
      return { from: prefix, to: first + AFTER_END };
    case '>':
      return { from: first + AFTER_END, to: partitionEnd };
    case '>=':
      return { from: first + END, to: partitionEnd };
    case 'BETWEEN':
      return { from: first + END, to: prefix + orderText(condition.operands[1] as AttributeValue) + AFTER_END };
    case 'begins_with':
      return { from: first, to: first === prefix ? partitionEnd : afterPrefix(first) };
  }
};

/** What is left of a range after the item with this order key, in the direction of reading. */
export const rangeAfter = (range: OrderRange, orderKey: string, isForward: boolean): OrderRange =>
  isForward
    ? { from: range.from > orderKey ? range.from : orderKey + NUL, to: range.to }
    : { from: range.from, to: range.to !== undefined && range.to < orderKey ? range.to : orderKey };
