import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { type Digest, joinBytes, setMember, utf8Bytes, utf8Length } from '@holdfast/kernel';
import { type DeliveredAttribute, ServiceError } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import type { MessageAttribute, MessageAttributes } from './message.ts';
import { isSendable } from './sendable-text.ts';

export const MESSAGE_ATTRIBUTES_MAX = 10;
export const ATTRIBUTE_NAME_LENGTH_MAX = 256;

const checkName = (name: string): void => {
  if (name === '' || name.length > ATTRIBUTE_NAME_LENGTH_MAX) {
    throw invalidParameter(
      `The length of message (user) attribute name '${name}' must be between 1 and ${ATTRIBUTE_NAME_LENGTH_MAX} characters.`,
    );
  }
  // Letters of any script pass, although the documentation says A-Z.
  if (!/^[\p{L}\p{N}_.-]+$/u.test(name)) {
    throw invalidParameter(
      `The message (user) attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    );
  }
  if (/^(aws|amazon)\./i.test(name)) {
    throw invalidParameter(
      `The message (user) attribute name '${name}' is invalid. Attribute name must not start with AWS. or Amazon.`,
    );
  }
  if (name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidParameter(
      `The message (user) attribute name '${name}' is invalid. Attribute name must not start or end with a period or contain successive periods.`,
    );
  }
};

/** The type before the first period: `Number.int` is a `Number`. */
const baseTypeOf = (dataType: string): string => {
  const dot = dataType.indexOf('.');
  return dot < 0 ? dataType : dataType.slice(0, dot);
};

const isEmpty = (value: { readonly length: number } | undefined): boolean => value === undefined || value.length === 0;

/** Checks one attribute. `kind` words the error: `user` or `system`. @throws ServiceError */
export const checkAttributeValue = (
  name: string,
  value: MessageAttributeValue,
  kind: 'user' | 'system' = 'user',
): MessageAttribute => {
  if (!isEmpty(value.StringListValues) || !isEmpty(value.BinaryListValues)) {
    throw new ServiceError(
      'UnsupportedOperation',
      'Message attribute list values in SendMessage operation are not supported.',
      400,
    );
  }
  const { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue } = value;
  if (dataType === undefined || dataType === '') {
    throw invalidParameter(
      `The message (${kind}) attribute '${name}' must contain a non-empty message attribute type.`,
    );
  }
  const base = baseTypeOf(dataType);
  if ((base !== 'String' && base !== 'Number' && base !== 'Binary') || dataType.length > ATTRIBUTE_NAME_LENGTH_MAX) {
    throw invalidParameter(
      `The type of message (${kind}) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const isBinary = base === 'Binary';
  if (isBinary ? isEmpty(binaryValue) : isEmpty(stringValue)) {
    throw invalidParameter(
      `Message (${kind}) attribute '${name}' must contain a non-empty value of type '${isBinary ? 'Binary' : 'String'}'.`,
    );
  }
  if (isBinary ? !isEmpty(stringValue) : !isEmpty(binaryValue)) {
    throw invalidParameter(
      `Message (${kind}) attribute '${name}' has type '${dataType}' and must not contain a value of another type.`,
    );
  }
  if (stringValue !== undefined && !isSendable(stringValue)) {
    throw invalidParameter(
      `Invalid binary character was found in the message (${kind}) attribute value, the set of allowed characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]`,
    );
  }
  if (base === 'Number' && !/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(stringValue as string)) {
    throw invalidParameter(`Can't cast the value of message (${kind}) attribute '${name}' to a number.`);
  }
  return isBinary
    ? { dataType, stringValue: undefined, binaryValue }
    : { dataType, stringValue, binaryValue: undefined };
};

/** Checks the user attributes of a message; `undefined` when there are none. @throws ServiceError */
export const checkMessageAttributes = (
  given: Readonly<Record<string, MessageAttributeValue>> | undefined,
): MessageAttributes | undefined => {
  if (given === undefined) return undefined;
  const names = Object.keys(given);
  if (names.length === 0) return undefined;
  if (names.length > MESSAGE_ATTRIBUTES_MAX) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${MESSAGE_ATTRIBUTES_MAX}].`,
    );
  }
  const checked: Record<string, MessageAttribute> = {};
  for (const name of names) {
    checkName(name);
    setMember(checked, name, checkAttributeValue(name, given[name] as MessageAttributeValue));
  }
  return checked;
};

/** Attributes as another service hands them over, in the shape of the API. */
export const fromDelivered = (
  delivered: Readonly<Record<string, DeliveredAttribute>> | undefined,
): Record<string, MessageAttributeValue> | undefined =>
  delivered === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(delivered).map(([name, { dataType, stringValue, binaryValue }]) => [
          name,
          { DataType: dataType, StringValue: stringValue, BinaryValue: binaryValue },
        ]),
      );

/** What the attributes add to a message's size: names, types and values in UTF-8. */
export const attributesBytes = (attributes: MessageAttributes | undefined): number => {
  if (attributes === undefined) return 0;
  let bytes = 0;
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(attributes)) {
    bytes += utf8Length(name) + utf8Length(dataType);
    bytes += binaryValue === undefined ? utf8Length(stringValue as string) : binaryValue.length;
  }
  return bytes;
};

/**
 * The checksum over message attributes: by name, each as length and bytes of name and type, one byte for the kind of
 * value, length and bytes of the value.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export const md5OfAttributes = (attributes: MessageAttributes, digest: Digest): string => {
  const parts: Uint8Array[] = [];
  const add = (bytes: Uint8Array): void => {
    const length = bytes.length;
    parts.push(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length), bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { dataType, stringValue, binaryValue } = attributes[name] as MessageAttribute;
    add(utf8Bytes(name));
    add(utf8Bytes(dataType));
    parts.push(Uint8Array.of(binaryValue === undefined ? 1 : 2));
    add(binaryValue ?? utf8Bytes(stringValue as string));
  }
  return digest.md5Hex(joinBytes(parts));
};

/**
 * Which attributes a receive asks for: exact names, `All`, `.*` or `*`, or `prefix.*`, which means every name that
 * starts with `prefix`: recorded from AWS, where `Hel.*` finds `Hello`.
 */
export const selectAttributes = (
  attributes: MessageAttributes | undefined,
  names: readonly string[] | undefined,
): MessageAttributes | undefined => {
  if (attributes === undefined || names === undefined || names.length === 0) return undefined;
  if (names.some((name) => name === 'All' || name === '.*' || name === '*')) return attributes;
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  const selected = Object.entries(attributes).filter(
    ([name]) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix)),
  );
  return selected.length === 0 ? undefined : Object.fromEntries(selected);
};
