import { bucketArn } from '@holdfast/aws-model';
import { type EventOrigin, md5, originOf, uuidOf } from './identity.ts';

/** What a bucket's notification hands to a function. */
export interface S3Event {
  Records: {
    eventVersion: '2.1';
    eventSource: 'aws:s3';
    awsRegion: string;
    eventTime: string;
    eventName: string;
    userIdentity: { principalId: string };
    requestParameters: { sourceIPAddress: string };
    responseElements: { 'x-amz-request-id': string; 'x-amz-id-2': string };
    s3: {
      s3SchemaVersion: '1.0';
      configurationId: string;
      bucket: { name: string; ownerIdentity: { principalId: string }; arn: string };
      /** `key` is encoded as in forms: a space is `+`. */
      object: { key: string; size: number; eTag: string; versionId?: string; sequencer: string };
    };
  }[];
}

/** An object, as far as a test cares. */
export interface S3ObjectInput {
  /** As it is; the event has it encoded. */
  readonly key: string;
  /** Size and ETag are those of it. @defaultValue empty */
  readonly content?: string | Uint8Array;
  readonly versionId?: string;
}

/** Where the objects are, and what happened to them. */
export interface S3EventOptions extends EventOrigin {
  /** @defaultValue bucket */
  readonly bucket?: string;
  /** Without `s3:`. @defaultValue ObjectCreated:Put */
  readonly eventName?: string;
}

/** As S3 writes keys into notifications. */
const formEncoded = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

/** An event of objects. Keys are encoded as S3 encodes them, sizes and ETags are those of the contents. */
export const s3Event = (objects: readonly S3ObjectInput[], options: S3EventOptions = {}): S3Event => {
  const { account, region, at } = originOf(options);
  const { bucket = 'bucket', eventName = 'ObjectCreated:Put' } = options;
  return {
    Records: objects.map(({ key, content = '', versionId }, index) => ({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: region,
      eventTime: at.toISOString(),
      eventName,
      userIdentity: { principalId: `AWS:${account}` },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: {
        'x-amz-request-id': uuidOf('request', bucket, key, index).replaceAll('-', '').slice(0, 16).toUpperCase(),
        'x-amz-id-2': Buffer.from(uuidOf('host', bucket, key, index)).toString('base64'),
      },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'notification',
        bucket: { name: bucket, ownerIdentity: { principalId: account }, arn: bucketArn(bucket) },
        object: {
          key: formEncoded(key),
          size: Buffer.byteLength(content),
          eTag: md5(content),
          ...(versionId === undefined ? {} : { versionId }),
          sequencer: (BigInt(at.getTime()) * 4096n + BigInt(index)).toString(16).toUpperCase().padStart(18, '0'),
        },
      },
    })),
  };
};
