import { makeArn } from '@holdfast/aws-model';
import { InvalidInputError } from '@holdfast/local';
import { type EventOrigin, md5, originOf, uuidOf } from './identity.ts';

/** A value as DynamoDB writes it, such as `{ "S": "4711" }`. */
export type DynamoDbValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { L: DynamoDbValue[] }
  | { M: Record<string, DynamoDbValue> }
  | { SS: string[] }
  | { NS: string[] };

/** What an event source mapping of a table's stream hands to its function. */
export interface DynamoDbEvent {
  Records: {
    eventID: string;
    eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
    eventVersion: '1.1';
    eventSource: 'aws:dynamodb';
    awsRegion: string;
    dynamodb: {
      /** Seconds. */
      ApproximateCreationDateTime: number;
      Keys: Record<string, DynamoDbValue>;
      NewImage?: Record<string, DynamoDbValue>;
      OldImage?: Record<string, DynamoDbValue>;
      SequenceNumber: string;
      SizeBytes: number;
      StreamViewType: 'NEW_AND_OLD_IMAGES';
    };
    eventSourceARN: string;
  }[];
}

/** An item in plain values: text, numbers, booleans, null, bytes, lists, sets of text or numbers, objects. */
export type PlainItem = Readonly<Record<string, unknown>>;

/** A change of an item: without `old` it was put anew, without `new` it was deleted. */
export interface DynamoDbChangeInput {
  readonly old?: PlainItem;
  readonly new?: PlainItem;
}

/** Where the items are. */
export interface DynamoDbEventOptions extends EventOrigin {
  /** @defaultValue table */
  readonly table?: string;
  /** Names of the key attributes. @defaultValue ['id'] */
  readonly keys?: readonly string[];
}

/** Every sequence number of this shape is above the first of its shard. */
const SEQUENCE_BASE = 100_000_000_000_000_000_000n;

const attributeOf = (value: unknown, path: string): DynamoDbValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { L: value.map((each, index) => attributeOf(each, `${path}[${index}]`)) };
  if (value instanceof Set && value.size > 0) {
    const members = [...value];
    return members.every((member) => typeof member === 'string')
      ? { SS: members }
      : { NS: members.map((member) => String(member)) };
  }
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return { M: itemOf(value as PlainItem, path) };
  }
  throw new InvalidInputError(
    path,
    value,
    'is no value of DynamoDB: text, number, boolean, null, bytes, list, set, object',
  );
};

const itemOf = (item: PlainItem, path: string): Record<string, DynamoDbValue> =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, attributeOf(value, `${path}.${name}`)]),
  );

/** An event of changes of one table: names of events follow from the images, keys are those of the items. */
export const dynamoDbEvent = (
  changes: readonly DynamoDbChangeInput[],
  options: DynamoDbEventOptions = {},
): DynamoDbEvent => {
  const { account, region, at } = originOf(options);
  const { table = 'table', keys = ['id'] } = options;
  const label = at.toISOString().slice(0, -1);
  return {
    Records: changes.map(({ old, new: fresh }, index) => {
      const item = fresh ?? old;
      if (item === undefined) throw new InvalidInputError(`changes[${index}]`, '{}', 'needs new, old, or both');
      const missing = keys.find((key) => item[key] === undefined);
      if (missing !== undefined) {
        throw new InvalidInputError(
          `changes[${index}]`,
          missing,
          'is a key and missing in the item; `keys` names others',
        );
      }
      const images = {
        Keys: itemOf(Object.fromEntries(keys.map((key) => [key, item[key]])), 'keys'),
        ...(fresh === undefined ? {} : { NewImage: itemOf(fresh, 'new') }),
        ...(old === undefined ? {} : { OldImage: itemOf(old, 'old') }),
      };
      return {
        eventID: md5(uuidOf('change', table, JSON.stringify(images), index)),
        eventName: old === undefined ? 'INSERT' : fresh === undefined ? 'REMOVE' : 'MODIFY',
        eventVersion: '1.1',
        eventSource: 'aws:dynamodb',
        awsRegion: region,
        dynamodb: {
          ApproximateCreationDateTime: Math.floor(at.getTime() / 1_000),
          ...images,
          SequenceNumber: String(SEQUENCE_BASE + BigInt(index)),
          SizeBytes: Buffer.byteLength(JSON.stringify(images)),
          StreamViewType: 'NEW_AND_OLD_IMAGES',
        },
        eventSourceARN: makeArn('dynamodb', region, account, `table/${table}/stream/${label}`),
      };
    }),
  };
};
