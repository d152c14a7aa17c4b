import { InvalidInputError } from '@holdfast/local';

/** One of the things that an event brings: a message, an object, a record of a stream. */
export interface EventRecord {
  /** What AWS tells it by, whichever delivery it is: a message id, a sequence number, the id of an event. */
  readonly id: string;
  /** What it says: the body of a message, the key of an object, the data of a stream record, the detail of an event. */
  readonly text: string;
  /** ARN of the queue, of a message that came from one. */
  readonly source?: string;
}

/** The members by which records of different sources are told apart. */
interface KnownRecord {
  readonly messageId?: string;
  readonly body?: string;
  readonly eventSourceARN?: string;
  readonly Sns?: { readonly MessageId: string; readonly Message: string };
  readonly s3?: {
    readonly bucket: { readonly name: string };
    readonly object: { readonly key: string; readonly sequencer?: string };
  };
  readonly kinesis?: { readonly sequenceNumber: string; readonly data: string };
  readonly dynamodb?: { readonly SequenceNumber?: string; readonly Keys?: object };
}

interface KnownEvent {
  readonly Records?: readonly KnownRecord[];
  readonly id?: string;
  readonly detail?: unknown;
  readonly 'detail-type'?: string;
}

const recordOf = (record: KnownRecord): EventRecord => {
  const { messageId, body, eventSourceARN, Sns, s3, kinesis, dynamodb } = record;
  if (messageId !== undefined) {
    return { id: messageId, text: body ?? '', ...(eventSourceARN === undefined ? {} : { source: eventSourceARN }) };
  }
  if (Sns !== undefined) return { id: Sns.MessageId, text: Sns.Message };
  if (kinesis !== undefined) {
    return { id: kinesis.sequenceNumber, text: Buffer.from(kinesis.data, 'base64').toString('utf8') };
  }
  if (dynamodb !== undefined) {
    return { id: dynamodb.SequenceNumber ?? '', text: JSON.stringify(dynamodb.Keys ?? {}) };
  }
  if (s3 !== undefined) {
    const key = decodeURIComponent(s3.object.key.replaceAll('+', ' '));
    return { id: `s3://${s3.bucket.name}/${key}#${s3.object.sequencer ?? ''}`, text: key };
  }
  return { id: '', text: JSON.stringify(record) };
};

/** What an event brings. One that is made of no records known here is one record, told by `otherwiseId`. */
export const recordsOf = (event: unknown, otherwiseId: string): readonly EventRecord[] => {
  if (typeof event !== 'object' || event === null) return [{ id: otherwiseId, text: JSON.stringify(event) ?? '' }];
  const { Records, id, detail, 'detail-type': detailType } = event as KnownEvent;
  if (Array.isArray(Records)) return Records.map(recordOf);
  if (id !== undefined && detailType !== undefined) return [{ id, text: JSON.stringify(detail) }];
  return [{ id: otherwiseId, text: JSON.stringify(event) }];
};

/** Whether an event is a batch of a stream, whose records come again in their order. */
export const isStream = (event: unknown): boolean => {
  const [first] = ((event ?? {}) as KnownEvent).Records ?? [];
  return first?.kinesis !== undefined || first?.dynamodb !== undefined;
};

/** Which records a test means: by id or whole text, by a pattern in the text, or as a function decides. */
export type RecordSelector = string | RegExp | ((record: EventRecord) => boolean);

export const isSelected = (selector: RecordSelector, record: EventRecord): boolean => {
  if (typeof selector === 'string') return record.id === selector || record.text === selector;
  if (typeof selector === 'function') return selector(record);
  // A pattern with the flag g would go on where it stopped.
  return new RegExp(selector.source, selector.flags.replace(/[gy]/g, '')).test(record.text);
};

export const selectorText = (selector: RecordSelector): string =>
  typeof selector === 'function'
    ? 'what the function selects'
    : typeof selector === 'string'
      ? `"${selector}"`
      : String(selector);

/** @throws InvalidInputError for what selects nothing */
export const checkSelector = (selector: RecordSelector): void => {
  if (typeof selector === 'string' || typeof selector === 'function' || selector instanceof RegExp) return;
  throw new InvalidInputError('selector', selector, 'must be an id or whole text, a pattern, or a function of records');
};
