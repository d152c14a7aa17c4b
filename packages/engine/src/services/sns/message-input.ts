import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { base64OfBytes, type EpochMs, utf8Length } from '@holdfast/kernel';
import { Constraints, type DeliveredAttribute, refuseUnmodelled, type TopicMessage } from '../../core/index.ts';
import { invalidAttribute, invalidParameter } from './errors.ts';
import type { PublishedMessage, StoredAttribute } from './stored.ts';
import type { Topic } from './topic-table.ts';

/** Message and attributes together, unless the topic says otherwise. */
const MESSAGE_BYTES_MAX = 262_144;

export const messageBytesMaxOf = ({ facts }: Topic): number =>
  Number(facts.attributes['MaximumMessageSize'] ?? MESSAGE_BYTES_MAX);

/** What Publish, a batch entry, or another service hands in. */
export interface MessageInput {
  readonly Message?: string | undefined;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttributeValue>> | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

const checkName = (name: string): void => {
  if (utf8Length(name) > 255) {
    throw invalidAttribute('Length of message attribute name must be less than 256 bytes.');
  }
  const strange = /[^A-Za-z0-9_.-]/.exec(name)?.[0];
  if (strange !== undefined) {
    const code = strange.charCodeAt(0).toString(16).toUpperCase();
    throw invalidAttribute(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith('.'))
    throw invalidAttribute("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith('.')) throw invalidAttribute("Invalid message attribute name ending with character '.' was found.");
  if (name.includes('..')) throw invalidAttribute("Message attribute name can not have successive '.' character.");
};

const readAttribute = (name: string, given: MessageAttributeValue, path: string): StoredAttribute => {
  refuseUnmodelled(given, ['DataType', 'StringValue', 'BinaryValue'], `MessageAttributes.${name}`);
  new Constraints()
    .required(`${path}messageAttributes.${name}.member.dataType`, given.DataType)
    .check('ValidationError');
  checkName(name);
  const type = given.DataType as string;
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(type)?.[1];
  if (kind === undefined) {
    throw invalidAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const field = kind === 'Binary' ? 'Binary' : 'String';
  const value = kind === 'Binary' ? given.BinaryValue : given.StringValue;
  const other = kind === 'Binary' ? given.StringValue : given.BinaryValue;
  if (value === undefined && other !== undefined) {
    throw invalidAttribute(`The message attribute '${name}' with type '${kind}' must use field '${field}'.`);
  }
  if (value === undefined || value.length === 0) {
    throw invalidAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${kind}'.`,
    );
  }
  if (kind === 'Number' && !Number.isFinite(Number(value))) {
    throw invalidAttribute(`Could not cast message attribute '${name}' value to number.`);
  }
  return { type, value: typeof value === 'string' ? value : base64OfBytes(value) };
};

const readStructure = (input: MessageInput): Readonly<Record<string, string>> | undefined => {
  if (input.MessageStructure === undefined) return undefined;
  if (input.MessageStructure !== 'json') throw invalidParameter('MessageStructure');
  let texts: unknown;
  try {
    texts = JSON.parse(input.Message ?? '');
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (typeof texts !== 'object' || texts === null || typeof (texts as { default?: unknown }).default !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => typeof text === 'string'));
};

/** Bytes that count against the limit. */
export const sizeOf = (input: MessageInput): number =>
  Object.entries(input.MessageAttributes ?? {}).reduce(
    (sum, [name, value]) =>
      sum +
      utf8Length(name) +
      utf8Length(value.DataType ?? '') +
      utf8Length(value.StringValue ?? '') +
      (value.BinaryValue?.length ?? 0),
    utf8Length(input.Message ?? ''),
  );

const checkFifo = (input: MessageInput, topic: Topic): void => {
  if (!topic.isFifo) {
    if (input.MessageDeduplicationId === undefined) return;
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  if (input.MessageGroupId === undefined || input.MessageGroupId === '') {
    throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  }
  if (input.MessageDeduplicationId === undefined && topic.facts.attributes['ContentBasedDeduplication'] !== 'true') {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
};

const holdsControlCharacter = (text: string): boolean =>
  [...text].some((character) => (character.codePointAt(0) as number) < 32 || character === '\u007f');

/** Checks a message; ids come later. `path` leads the names in constraint texts (batches). */
export const readMessage = (
  input: MessageInput,
  topic: Topic,
  path = '',
): Omit<PublishedMessage, 'messageId' | 'at' | 'traceHeader'> => {
  const { Message: text = '', Subject: subject } = input;
  if (text === '') throw invalidParameter('Empty message');
  if (subject !== undefined && (subject === '' || subject.length > 100 || holdsControlCharacter(subject))) {
    throw invalidParameter('Subject');
  }
  const attributes = Object.fromEntries(
    Object.entries(input.MessageAttributes ?? {}).map(([name, value]) => [name, readAttribute(name, value, path)]),
  );
  if (sizeOf(input) > messageBytesMaxOf(topic)) throw invalidParameter('Message too long');
  const perProtocol = readStructure(input);
  checkFifo(input, topic);
  return {
    message: perProtocol?.['default'] ?? text,
    subject,
    perProtocol,
    attributes,
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
  };
};

const attributeInput = (attribute: DeliveredAttribute): MessageAttributeValue => ({
  DataType: attribute.dataType,
  StringValue: attribute.stringValue,
  BinaryValue: attribute.binaryValue,
});

/** The same from another service, whose subject may be longer than ours may. */
export const inputFrom = (message: TopicMessage): MessageInput => ({
  Message: message.message,
  Subject: message.subject?.slice(0, 100),
  MessageStructure: message.isPerProtocol === true ? 'json' : undefined,
  MessageAttributes: Object.fromEntries(
    Object.entries(message.attributes ?? {}).map(([name, attribute]) => [name, attributeInput(attribute)]),
  ),
});

/** A message as it leaves for its subscribers. */
export const stamped = (
  read: Omit<PublishedMessage, 'messageId' | 'at' | 'traceHeader'>,
  messageId: string,
  at: EpochMs,
  traceHeader: string | undefined,
): PublishedMessage => ({ ...read, messageId, at, traceHeader });
