import type { RequestContext } from '../../core/index.ts';
import { type Bucket, NULL_VERSION } from './bucket.ts';
import type { ObjectContent, ObjectVersion, StoredVersion } from './stored.ts';
import type { S3Wiring } from './wiring.ts';

/** What a delete marker has in its event: the MD5 of no bytes. */
const ETAG_OF_NOTHING = 'd41d8cd98f00b204e9800998ecf8427e';

/** Writes an object and tells whoever wants to know, in one turn. `action` is the S3 action that caused it. */
export const createObject = (
  bucket: Bucket,
  key: string,
  content: ObjectContent,
  cause: { readonly event: string; readonly action: string },
  context: RequestContext,
  wiring: S3Wiring,
): ObjectVersion => {
  const version = wiring.table.write(bucket, key, content, context) as ObjectVersion;
  wiring.notifier.announce(
    {
      type: `s3:ObjectCreated:${cause.event}`,
      action: cause.action,
      key,
      versionId: version.versionId,
      sequence: version.sequence,
      size: content.size,
      etag: content.etag,
    },
    bucket,
    context,
  );
  return version;
};

/**
 * Deletes as DeleteObject does: a named version goes for good; without a name a versioned bucket gets a delete
 * marker. Deleting what is not there succeeds and, as was recorded, is announced like any other deletion; a version
 * that is not there is no event.
 */
export const deleteObject = (
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  context: RequestContext,
  wiring: S3Wiring,
): StoredVersion | undefined => {
  const { table, notifier } = wiring;
  const announce = (type: string, version: string, sequence: number, etag?: string): void =>
    notifier.announce({ type, action: 'DeleteObject', key, versionId: version, sequence, etag }, bucket, context);
  if (versionId === undefined && bucket.settings.versioning !== undefined) {
    const marker = table.write(bucket, key, undefined, context);
    announce('s3:ObjectRemoved:DeleteMarkerCreated', marker.versionId, marker.sequence, ETAG_OF_NOTHING);
    return marker;
  }
  const version = versionId === undefined ? bucket.newest(key) : bucket.version(key, versionId);
  if (version !== undefined) table.remove(bucket, version);
  if (version !== undefined || versionId === undefined) {
    announce('s3:ObjectRemoved:Delete', version?.versionId ?? NULL_VERSION, table.nextSequence(context.now));
  }
  return version;
};
