import type { AnyMessage, QueueMessage, QueueMessageAttribute } from './sqs-event.ts';

/** Message attribute in which a hop keeps what the next one has to know. */
export const NOTES_ATTRIBUTE = 'holdfast';

/** SQS takes no more attributes with a message. */
export const ATTRIBUTES_MAX = 10;

/** What a message carries from queue to queue. */
export interface MessageNotes {
  /** Replays so far. */
  readonly replays: number;
  /** When it was first sent, in epoch milliseconds; each hop gives it a new `SentTimestamp`. */
  readonly firstSentAt: number;
  /** An attribute that had to make room, because the message has ten of its own. */
  readonly displaced?: { readonly name: string; readonly value: QueueMessageAttribute };
}

/** What a message has been through; one that was never sent on begins with its own `SentTimestamp`. */
export const notesOf = ({ attributes, messageAttributes }: AnyMessage): MessageNotes => {
  const fresh = { replays: 0, firstSentAt: Number(attributes.SentTimestamp) };
  try {
    const notes = JSON.parse(messageAttributes[NOTES_ATTRIBUTE]?.stringValue ?? '') as Partial<MessageNotes>;
    return { ...fresh, ...notes };
  } catch {
    // Absent, or somebody else's attribute of that name.
    return fresh;
  }
};

/** The attributes as they were sent first, without notes and with what had to make room for them. */
export const originalAttributes = (message: AnyMessage): QueueMessage['messageAttributes'] => {
  const { displaced } = notesOf(message);
  const { [NOTES_ATTRIBUTE]: _notes, ...own } = message.messageAttributes;
  return displaced === undefined ? own : { ...own, [displaced.name]: displaced.value };
};

/** The attributes of a message that is sent on: its own, all ten of them, and the notes. */
export const attributesWithNotes = (
  message: AnyMessage,
  notes: Omit<MessageNotes, 'displaced'>,
): Record<string, QueueMessageAttribute> => {
  const own = Object.entries(originalAttributes(message)).sort(([one], [other]) => (one < other ? -1 : 1));
  const [last] = own.length < ATTRIBUTES_MAX ? [] : own.splice(ATTRIBUTES_MAX - 1);
  const kept: MessageNotes = last === undefined ? notes : { ...notes, displaced: { name: last[0], value: last[1] } };
  return {
    ...Object.fromEntries(own),
    [NOTES_ATTRIBUTE]: { dataType: 'String', stringValue: JSON.stringify(kept) },
  };
};

/** A message as its sender made it: what had to make room for the notes is back in its place. */
export const withDisplaced = (message: QueueMessage): QueueMessage => {
  const { displaced } = notesOf(message);
  if (displaced === undefined) return message;
  return { ...message, messageAttributes: { ...message.messageAttributes, [displaced.name]: displaced.value } };
};
