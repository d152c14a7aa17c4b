import type { RequestContext } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import type { ObjectContent, ObjectVersion, StoredVersion } from './stored.ts';
import type { S3Wiring } from './wiring.ts';

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
 * marker. Deleting what is not there succeeds; nothing is announced then.
 */
export const deleteObject = (
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  context: RequestContext,
  wiring: S3Wiring,
): StoredVersion | undefined => {
  const { table, notifier } = wiring;
  const announce = (type: string, version: StoredVersion, sequence: number): void =>
    notifier.announce({ type, action: 'DeleteObject', key, versionId: version.versionId, sequence }, bucket, context);
  if (versionId === undefined && bucket.settings.versioning !== undefined) {
    const marker = table.write(bucket, key, undefined, context);
    announce('s3:ObjectRemoved:DeleteMarkerCreated', marker, marker.sequence);
    return marker;
  }
  const version = versionId === undefined ? bucket.newest(key) : bucket.version(key, versionId);
  if (version === undefined) return undefined;
  table.remove(bucket, version);
  announce('s3:ObjectRemoved:Delete', version, table.nextSequence(context.now));
  return version;
};
