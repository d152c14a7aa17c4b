import type * as Sdk from '@aws-sdk/client-s3';
import type {
  DeleteObjectCommandInput,
  DeleteObjectsCommandInput,
  DeleteObjectsCommandOutput,
} from '@aws-sdk/client-s3';
import { type Operations, operation, type RequestContext, refuseUnmodelled, ServiceError } from '../../core/index.ts';
import { type Bucket, isObject } from './bucket.ts';
import {
  headerNotImplemented,
  invalidArgument,
  malformedXml,
  noSuchKey,
  noSuchVersion,
  preconditionFailed,
} from './errors.ts';
import { checkVersionId, isVersionId } from './lookup.ts';
import { checkKey, versionOut } from './object-attributes.ts';
import { deleteObject } from './object-writer.ts';
import { bareEtag } from './preconditions.ts';
import { bucketOf, type S3Wiring } from './wiring.ts';

const DELETE_OBJECTS_MAX = 1_000;

/** No bucket here has Object Lock. */
const refuseBypass = (given: boolean | undefined): void => {
  if (given === undefined) return;
  const header = 'x-amz-bypass-governance-retention';
  throw invalidArgument(`${header} is only applicable to Object Lock enabled buckets.`, header);
};

/** Deleting objects and versions, one or many. */
export const deleteOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const remove = (bucket: Bucket, key: string, versionId: string | undefined, context: RequestContext) => {
    const wanted = versionId === undefined ? undefined : checkVersionId(versionId);
    return deleteObject(bucket, key, wanted, context, wiring);
  };

  /** Conditional deletes compare the ETag of what would go. */
  const checkDeleteCondition = (bucket: Bucket, key: string, etag: string | undefined): void => {
    if (etag === undefined) return;
    const newest = bucket.newest(key);
    if (!isObject(newest)) {
      if (etag === '*') throw preconditionFailed('If-Match');
      throw noSuchKey(key);
    }
    if (etag !== '*' && bareEtag(etag) !== newest.content.etag) throw preconditionFailed('If-Match');
  };

  const deleteOne = (input: DeleteObjectCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    refuseBypass(input.BypassGovernanceRetention);
    // Conditions of directory buckets.
    if (input.IfMatchLastModifiedTime !== undefined) throw headerNotImplemented('x-amz-if-match-last-modified-time');
    if (input.IfMatchSize !== undefined) throw headerNotImplemented('x-amz-if-match-size');
    const key = checkKey(input.Key);
    checkDeleteCondition(bucket, key, input.IfMatch);
    const gone = remove(bucket, key, input.VersionId, context);
    if (gone === undefined) return input.VersionId === undefined ? {} : { VersionId: input.VersionId };
    return {
      ...(isObject(gone) ? {} : { DeleteMarker: true }),
      ...(input.VersionId === undefined && isObject(gone) ? {} : versionOut(bucket, gone.versionId)),
    };
  };

  const deleteMany = (input: DeleteObjectsCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    refuseBypass(input.BypassGovernanceRetention);
    refuseUnmodelled(input.Delete ?? {}, ['Objects', 'Quiet'], 'Delete');
    const objects = input.Delete?.Objects ?? [];
    if (objects.length === 0 || objects.length > DELETE_OBJECTS_MAX) throw malformedXml();
    for (const identifier of objects) refuseUnmodelled(identifier, ['Key', 'VersionId', 'ETag'], 'Delete.Objects');
    const deleted: NonNullable<DeleteObjectsCommandOutput['Deleted']> = [];
    const errors: NonNullable<DeleteObjectsCommandOutput['Errors']> = [];
    for (const { Key: key = '', VersionId: versionId, ETag: etag } of objects) {
      const named = { Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
      try {
        checkKey(key);
        // In a list, a version id that cannot be is one that is not there.
        if (versionId !== undefined && !isVersionId(versionId)) throw noSuchVersion(key, versionId);
        checkDeleteCondition(bucket, key, etag);
        const gone = remove(bucket, key, versionId, context);
        const isMarker = gone !== undefined && !isObject(gone);
        deleted.push({
          ...named,
          ...(isMarker ? { DeleteMarker: true, DeleteMarkerVersionId: gone.versionId } : {}),
        });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        errors.push({ ...named, Code: error.code, Message: error.message });
      }
    }
    return {
      ...(input.Delete?.Quiet === true ? {} : { Deleted: deleted }),
      ...(errors.length === 0 ? {} : { Errors: errors }),
    };
  };

  return {
    DeleteObject: operation(
      [
        'Bucket',
        'Key',
        'VersionId',
        'IfMatch',
        'IfMatchLastModifiedTime',
        'IfMatchSize',
        'BypassGovernanceRetention',
        'ExpectedBucketOwner',
      ],
      deleteOne,
    ),
    DeleteObjects: operation(
      ['Bucket', 'Delete', 'BypassGovernanceRetention', 'ExpectedBucketOwner', 'ChecksumAlgorithm'],
      deleteMany,
    ),
  };
};
