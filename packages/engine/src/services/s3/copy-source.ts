import { notSupported } from '../../core/index.ts';
import { type Bucket, isObject } from './bucket.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { currentObject, objectVersion } from './lookup.ts';
import type { ObjectVersion } from './stored.ts';
import type { S3Wiring } from './wiring.ts';

/** The object that `x-amz-copy-source` names: `bucket/key?versionId=...`, url-encoded, a leading slash allowed. */
export const findCopySource = (
  copySource: string | undefined,
  expectedOwner: string | undefined,
  wiring: S3Wiring,
): { readonly bucket: Bucket; readonly version: ObjectVersion; readonly namedVersion: boolean } => {
  const [path = '', query] = (copySource ?? '').split('?versionId=');
  if (path.startsWith('arn:')) throw notSupported('a copy source that is an access point');
  const malformed = () => invalidArgument('Invalid copy source object key', 'x-amz-copy-source', 'x-amz-copy-source');
  let decoded: string;
  try {
    decoded = decodeURIComponent(path.replace(/\+/g, ' ')).replace(/^\//, '');
  } catch {
    throw malformed();
  }
  const slash = decoded.indexOf('/');
  if (slash <= 0 || slash === decoded.length - 1) throw malformed();
  const bucket = wiring.table.bucket(decoded.slice(0, slash), expectedOwner);
  const key = decoded.slice(slash + 1);
  if (query === undefined) return { bucket, version: currentObject(bucket, key), namedVersion: false };
  const named = bucket.version(key, query);
  if (named !== undefined && !isObject(named)) {
    throw invalidRequest('The source of a copy request may not specifically refer to a delete marker by version id.');
  }
  return { bucket, version: objectVersion(bucket, key, query, 'GET'), namedVersion: true };
};
