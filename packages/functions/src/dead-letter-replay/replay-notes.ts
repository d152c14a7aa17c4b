import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';

/** Message attribute in which a replay keeps what the next one has to know. */
export const NOTES_ATTRIBUTE = 'holdfast';

/** SQS takes no more attributes with a message. */
export const ATTRIBUTES_MAX = 10;

/** What a message carries from replay to replay. */
export interface ReplayNotes {
  /** Replays so far. */
  readonly replays: number;
  /** When it was first sent, in epoch milliseconds; each replay gives it a new `SentTimestamp`. */
  readonly firstSentAt: number;
  /** An attribute that had to make room, because the message has ten of its own. */
  readonly displaced?: { readonly name: string; readonly value: SQSMessageAttributes[string] };
}

/** What a message has been through; one that was never replayed begins with its own `SentTimestamp`. */
export const notesOf = ({ attributes, messageAttributes }: SQSRecord): ReplayNotes => {
  const fresh = { replays: 0, firstSentAt: Number(attributes.SentTimestamp) };
  try {
    const notes = JSON.parse(messageAttributes[NOTES_ATTRIBUTE]?.stringValue ?? '') as Partial<ReplayNotes>;
    return { ...fresh, ...notes };
  } catch {
    // Absent, or somebody else's attribute of that name.
    return fresh;
  }
};

/** The attributes as they were sent first, without notes and with what had to make room for them. */
export const originalAttributes = (record: SQSRecord): SQSMessageAttributes => {
  const { displaced } = notesOf(record);
  const { [NOTES_ATTRIBUTE]: _notes, ...own } = record.messageAttributes;
  return displaced === undefined ? own : { ...own, [displaced.name]: displaced.value };
};

const asSent = ({ dataType, stringValue, binaryValue }: SQSMessageAttributes[string]): MessageAttributeValue => ({
  DataType: dataType,
  ...(binaryValue === undefined ? { StringValue: stringValue } : { BinaryValue: Buffer.from(binaryValue, 'base64') }),
});

/** The attributes of a message that is replayed: its own, all ten of them, and the notes. */
export const attributesWithNotes = (
  record: SQSRecord,
  notes: Omit<ReplayNotes, 'displaced'>,
): Record<string, MessageAttributeValue> => {
  const own = Object.entries(originalAttributes(record)).sort(([one], [other]) => (one < other ? -1 : 1));
  const [last] = own.length < ATTRIBUTES_MAX ? [] : own.splice(ATTRIBUTES_MAX - 1);
  const kept: ReplayNotes = last === undefined ? notes : { ...notes, displaced: { name: last[0], value: last[1] } };
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, asSent(value)])),
    [NOTES_ATTRIBUTE]: { DataType: 'String', StringValue: JSON.stringify(kept) },
  };
};
