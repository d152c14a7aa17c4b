import { base64OfText } from '@holdfast/kernel';
import { type BusEvent, type PrincipalIds, principalIdOf, type RequestContext } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import { NULL_VERSION } from './bucket.ts';
import { urlEncodeKey } from './url-encoding.ts';

/** Something that happened to an object, before it takes the form of one kind of destination. */
export interface ObjectEvent {
  /** With the `s3:` prefix, e.g. `s3:ObjectCreated:Put`. */
  readonly type: string;
  /** The S3 action that caused it; EventBridge shows it as `reason`. */
  readonly action: string;
  readonly key: string;
  readonly versionId: string;
  readonly sequence: number;
  /** Absent when the object is gone. */
  readonly size?: number | undefined;
  /** Absent when the object is gone; a delete marker has one. */
  readonly etag?: string | undefined;
}

/** Sequence numbers in 18 hexadecimal digits: compare as text. Orders events of one key. */
export const sequencerOf = (sequence: number): string => sequence.toString(16).toUpperCase().padStart(18, '0');

/** Hexadecimal digits that stand for a name, the same every time. */
type HashOf = (name: string) => string;

const principalPart = (hashOf: HashOf, name: string, length: number): string =>
  hashOf(name).slice(0, length).toUpperCase();

/** The second id of an S3 answer, `x-amz-id-2`: follows from the first, as the gateway makes it. */
export const hostIdOf = (requestId: string): string => base64OfText(`holdfast/${requestId}`);

/** Where a record takes the ids of people from. */
export interface RecordIds extends PrincipalIds {
  readonly hashOf: HashOf;
}

const callerPrincipal = ({ callerArn, account }: RequestContext, ids: RecordIds): string => {
  const known = callerArn === undefined ? undefined : principalIdOf(ids, callerArn);
  return `AWS:${known ?? `AIDA${principalPart(ids.hashOf, account, 17)}`}`;
};

/** Not the beginning of a caller's: whoever replaces one in a text must not hit the other. */
const ownerPrincipal = (bucket: Bucket, hashOf: HashOf): string =>
  `A${principalPart(hashOf, `owner ${bucket.settings.account}`, 13)}`;

const isCreation = (event: ObjectEvent): boolean => event.type.startsWith('s3:ObjectCreated:');
const isRemoval = (event: ObjectEvent): boolean => event.type.startsWith('s3:ObjectRemoved:');

/**
 * The record that queues, topics and functions get, as JSON text. The key is url-encoded with `+` for a space.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const recordFor = (
  event: ObjectEvent,
  bucket: Bucket,
  configurationId: string,
  context: RequestContext,
  ids: RecordIds,
): string => {
  const hasData = isCreation(event);
  return JSON.stringify({
    Records: [
      {
        eventVersion: hasData || isRemoval(event) ? '2.1' : '2.3',
        eventSource: 'aws:s3',
        awsRegion: bucket.settings.region,
        eventTime: new Date(context.now).toISOString(),
        eventName: event.type.replace(/^s3:/, ''),
        userIdentity: { principalId: callerPrincipal(context, ids) },
        requestParameters: { sourceIPAddress: context.sourceIp ?? '127.0.0.1' },
        responseElements: {
          'x-amz-request-id': context.requestId,
          'x-amz-id-2': hostIdOf(context.requestId),
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: bucket.settings.name,
            ownerIdentity: { principalId: ownerPrincipal(bucket, ids.hashOf) },
            arn: bucket.arn,
          },
          object: {
            key: urlEncodeKey(event.key),
            ...(hasData ? { size: event.size } : {}),
            ...(event.etag === undefined ? {} : { eTag: event.etag }),
            ...(event.versionId === NULL_VERSION ? {} : { versionId: event.versionId }),
            ...(hasData || isRemoval(event) ? { sequencer: sequencerOf(event.sequence) } : {}),
          },
        },
      },
    ],
  });
};

const DETAIL_TYPES: readonly (readonly [prefix: string, detailType: string])[] = [
  ['s3:ObjectCreated:', 'Object Created'],
  ['s3:ObjectRemoved:', 'Object Deleted'],
  ['s3:ObjectTagging:Put', 'Object Tags Added'],
  ['s3:ObjectTagging:Delete', 'Object Tags Deleted'],
];

/**
 * The same event for EventBridge: other names, and the key as it is.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const busEventFor = (event: ObjectEvent, bucket: Bucket, context: RequestContext): BusEvent => {
  const hasData = isCreation(event);
  const removal = isRemoval(event);
  return {
    source: 'aws.s3',
    detailType: DETAIL_TYPES.find(([prefix]) => event.type.startsWith(prefix))?.[1] ?? 'Object Updated',
    account: bucket.settings.account,
    region: bucket.settings.region,
    resources: [bucket.arn],
    detail: {
      version: '0',
      bucket: { name: bucket.settings.name },
      object: {
        key: event.key,
        ...(hasData ? { size: event.size } : {}),
        ...(removal ? {} : { etag: event.etag }),
        ...(event.versionId === NULL_VERSION ? {} : { 'version-id': event.versionId }),
        ...(hasData || removal ? { sequencer: sequencerOf(event.sequence) } : {}),
      },
      'request-id': context.requestId,
      requester: context.account,
      'source-ip-address': context.sourceIp ?? '127.0.0.1',
      ...(hasData || removal ? { reason: event.action } : {}),
      ...(removal
        ? {
            'deletion-type':
              event.type === 's3:ObjectRemoved:DeleteMarkerCreated' ? 'Delete Marker Created' : 'Permanently Deleted',
          }
        : {}),
    },
  };
};

/** What S3 sends to queues and topics when they become a destination. It has no `Records`. */
export const testEventFor = (bucket: Bucket, context: RequestContext): string =>
  JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(context.now).toISOString(),
    Bucket: bucket.settings.name,
    RequestId: context.requestId,
    HostId: hostIdOf(context.requestId),
  });
