/** The object an S3 event record speaks of, its key decoded. What the record left out is `undefined`. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  /** Lower-case hexadecimal, without quotes. */
  readonly etag: string | undefined;
  readonly sizeBytes: number | undefined;
  /** Orders the events of one key; compare with {@link isOlderSequencer}. */
  readonly sequencer: string | undefined;
  readonly eventTime: string | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** ETags come with quotes in HTTP answers and without in events. */
export const bareEtag = (etag: string): string => etag.replace(/^W\//, '').replace(/^"|"$/g, '');

/**
 * Decodes the key of an S3 event notification, which is form-url-encoded: `+` is a blank, `%2B` a plus.
 * A key that is not validly encoded is taken as it is: better a wrong name in an alert than an event thrown away.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const decodeEventKey = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
};

const uploadedObject = (record: unknown): UploadedObject | undefined => {
  const s3 = isRecord(record) ? record['s3'] : undefined;
  if (!isRecord(record) || !isRecord(s3) || !isRecord(s3['bucket']) || !isRecord(s3['object'])) return undefined;
  const bucket = text(s3['bucket']['name']);
  const key = text(s3['object']['key']);
  if (bucket === undefined || key === undefined) return undefined;
  const etag = text(s3['object']['eTag']);
  const size = s3['object']['size'];
  return {
    bucket,
    key: decodeEventKey(key),
    etag: etag === undefined ? undefined : bareEtag(etag),
    sizeBytes: typeof size === 'number' ? size : undefined,
    sequencer: text(s3['object']['sequencer']),
    eventTime: text(record['eventTime']),
  };
};

/** The objects of an S3 event; `undefined` when it is none (no `Records`, or a record that names no object). */
export const uploadedObjects = (event: unknown): UploadedObject[] | undefined => {
  const records = isRecord(event) ? event['Records'] : undefined;
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const objects = records.map(uploadedObject);
  return objects.every((object) => object !== undefined) ? objects : undefined;
};

/** S3 sends this once to a queue or topic when a notification is configured; there is nothing to do about it. */
export const isS3TestEvent = (event: unknown): boolean => isRecord(event) && event['Event'] === 's3:TestEvent';

/** Whether sequencer `a` is of an earlier event of the same key than `b`: padded with zeros, compared as text. */
export const isOlderSequencer = (a: string, b: string): boolean => {
  const length = Math.max(a.length, b.length);
  return a.padEnd(length, '0').toLowerCase() < b.padEnd(length, '0').toLowerCase();
};
