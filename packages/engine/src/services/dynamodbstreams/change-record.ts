import type { OperationType, _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import { type EpochMs, SECOND_MS } from '@holdfast/kernel';
import type { SourceRecord } from '../../core/index.ts';
import { type Item, itemBytes, itemToJson } from './image.ts';

export type ViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

/** A change of one item in its stream, with the images that the stream's view type lets through. */
export interface ChangeRecord {
  readonly sequenceNumber: string;
  readonly arrivedAt: EpochMs;
  readonly eventId: string;
  readonly eventName: OperationType;
  readonly keys: Item;
  readonly newImage: Item | undefined;
  readonly oldImage: Item | undefined;
  readonly userIdentity: { readonly type: string; readonly principalId: string } | undefined;
}

/** Where records come from, for what is the same in all of them. */
export interface RecordOrigin {
  readonly arn: string;
  readonly region: string;
  readonly viewType: ViewType;
}

export const showsNewImage = (viewType: ViewType): boolean =>
  viewType === 'NEW_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';

export const showsOldImage = (viewType: ViewType): boolean =>
  viewType === 'OLD_IMAGE' || viewType === 'NEW_AND_OLD_IMAGES';

const bytesOf = ({ keys, newImage, oldImage }: ChangeRecord): number =>
  itemBytes(keys) + itemBytes(newImage ?? {}) + itemBytes(oldImage ?? {});

/** Streams tell the time in whole seconds. */
const creationMs = (record: ChangeRecord): EpochMs => Math.floor(record.arrivedAt / SECOND_MS) * SECOND_MS;

/** As GetRecords answers it. */
export const describeRecord = (record: ChangeRecord, origin: RecordOrigin): StreamRecord => ({
  eventID: record.eventId,
  eventName: record.eventName,
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: origin.region,
  dynamodb: {
    ApproximateCreationDateTime: new Date(creationMs(record)),
    Keys: { ...record.keys },
    ...(record.newImage === undefined ? {} : { NewImage: { ...record.newImage } }),
    ...(record.oldImage === undefined ? {} : { OldImage: { ...record.oldImage } }),
    SequenceNumber: record.sequenceNumber,
    SizeBytes: bytesOf(record),
    StreamViewType: origin.viewType,
  },
  ...(record.userIdentity === undefined
    ? {}
    : { userIdentity: { PrincipalId: record.userIdentity.principalId, Type: record.userIdentity.type } }),
});

/**
 * As event source mappings hand it to functions.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
export const sourceRecord = (record: ChangeRecord, origin: RecordOrigin): SourceRecord => ({
  sequenceNumber: record.sequenceNumber,
  get orderKey() {
    return JSON.stringify(itemToJson(record.keys));
  },
  arrivedAt: record.arrivedAt,
  eventRecord: () => ({
    eventID: record.eventId,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: origin.region,
    dynamodb: {
      ApproximateCreationDateTime: creationMs(record) / SECOND_MS,
      Keys: itemToJson(record.keys),
      ...(record.newImage === undefined ? {} : { NewImage: itemToJson(record.newImage) }),
      ...(record.oldImage === undefined ? {} : { OldImage: itemToJson(record.oldImage) }),
      SequenceNumber: record.sequenceNumber,
      SizeBytes: bytesOf(record),
      StreamViewType: origin.viewType,
    },
    ...(record.userIdentity === undefined ? {} : { userIdentity: record.userIdentity }),
    eventSourceARN: origin.arn,
  }),
});
