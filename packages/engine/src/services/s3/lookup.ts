import { ServiceError } from '../../core/index.ts';
import { type Bucket, isObject, NULL_VERSION } from './bucket.ts';
import { deleteMarkerNotAllowed, invalidArgument, noSuchKey, noSuchVersion } from './errors.ts';
import type { ObjectVersion } from './stored.ts';

/** Whether S3 can have given it out. */
export const isVersionId = (versionId: string): boolean =>
  versionId === NULL_VERSION || /^[0-9a-f]{32}$/.test(versionId);

export const checkVersionId = (versionId: string): string => {
  if (!isVersionId(versionId)) {
    throw invalidArgument('Invalid version id specified', 'versionId', versionId);
  }
  return versionId;
};

/** The object that a key shows now. */
export const currentObject = (bucket: Bucket, key: string): ObjectVersion => {
  const newest = bucket.newest(key);
  if (!isObject(newest)) throw noSuchKey(key, newest?.versionId);
  return newest;
};

/** The object that key and version id name; `method` is for the answer when that is a delete marker. */
export const objectVersion = (
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
  method: string,
): ObjectVersion => {
  if (versionId === undefined) return currentObject(bucket, key);
  const version = bucket.version(key, checkVersionId(versionId));
  if (version === undefined) throw noSuchVersion(key, versionId);
  if (!isObject(version)) throw deleteMarkerNotAllowed(method, versionId);
  return version;
};

const ARCHIVED = ['GLACIER', 'DEEP_ARCHIVE'];

/** Archived objects cannot be read before they are restored, which is not modelled. */
export const mustBeReadable = (version: ObjectVersion): void => {
  if (ARCHIVED.includes(version.content.storageClass)) {
    throw new ServiceError('InvalidObjectState', "The operation is not valid for the object's storage class", 403, {
      StorageClass: version.content.storageClass,
    });
  }
};
