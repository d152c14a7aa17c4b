import type * as Sdk from '@aws-sdk/client-s3';
import type { GetObjectAttributesCommandInput } from '@aws-sdk/client-s3';
import { type Operations, operation, type RequestContext, refuseUnmodelled } from '../../core/index.ts';
import { type Bucket, isObject } from './bucket.ts';
import { acceptAclChange } from './canned-acl.ts';
import { checksumOut } from './checksums.ts';
import { deleteMarkerNotAllowed, invalidArgument } from './errors.ts';
import { objectVersion } from './lookup.ts';
import { versionOut } from './object-attributes.ts';
import type { ObjectVersion, StoredTag } from './stored.ts';
import { readTags } from './tags.ts';
import { bucketOf, ownerOf, type S3Wiring } from './wiring.ts';

const ATTRIBUTE_NAMES = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];
const PARTS_MAX = 1_000;

/** The version that tags and access are of: a delete marker has neither, also where it is the newest. */
const taggedVersion = (
  bucket: Bucket,
  {
    Key: key = '',
    VersionId: versionId,
  }: { readonly Key?: string | undefined; readonly VersionId?: string | undefined },
  method: string,
): ObjectVersion => {
  const newest = bucket.newest(key);
  if (versionId === undefined && newest !== undefined && !isObject(newest)) {
    throw deleteMarkerNotAllowed(method, newest.versionId);
  }
  return objectVersion(bucket, key, versionId, method);
};

/** What is known about an object besides its bytes: tags, attributes, access. */
export const objectDetailOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const setTags = (
    bucket: Bucket,
    version: ObjectVersion,
    tags: readonly StoredTag[],
    event: 'Put' | 'Delete',
    context: RequestContext,
  ) => {
    wiring.table.amend(bucket, version, { tags });
    wiring.notifier.announce(
      {
        type: `s3:ObjectTagging:${event}`,
        action: event === 'Put' ? 'PutObjectTagging' : 'DeleteObjectTagging',
        key: version.key,
        versionId: version.versionId,
        sequence: version.sequence,
        etag: version.content.etag,
      },
      bucket,
      context,
    );
    return versionOut(bucket, version.versionId);
  };

  const getAttributes = (input: GetObjectAttributesCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const version = objectVersion(bucket, input.Key ?? '', input.VersionId, 'GET');
    const wanted = input.ObjectAttributes ?? [];
    const unknown = wanted.find((name) => !ATTRIBUTE_NAMES.includes(name));
    if (wanted.length === 0 || unknown !== undefined) {
      throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
    }
    const { content } = version;
    const parts = content.parts ?? [];
    const after = Number(input.PartNumberMarker ?? 0);
    const max = Math.min(input.MaxParts ?? PARTS_MAX, PARTS_MAX);
    const behind = parts.filter((part) => part.number > after);
    const page = behind.slice(0, max);
    // Single parts are listed only when each has a checksum of its own to show.
    const listsParts = content.checksum?.type === 'COMPOSITE';
    return {
      LastModified: new Date(version.lastModified),
      ...versionOut(bucket, version.versionId),
      ...(wanted.includes('ETag') ? { ETag: content.etag } : {}),
      ...(wanted.includes('Checksum') && content.checksum !== undefined
        ? { Checksum: checksumOut({ ...content.checksum, value: content.checksum.value.replace(/-\d+$/, '') }) }
        : {}),
      ...(wanted.includes('ObjectParts') && content.parts !== undefined
        ? {
            ObjectParts: {
              TotalPartsCount: parts.length,
              ...(listsParts
                ? {
                    PartNumberMarker: String(after),
                    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
                    MaxParts: max,
                    IsTruncated: behind.length > page.length,
                    Parts: page.map((part) => {
                      const { ChecksumType: _, ...checksum } = checksumOut(part.checksum);
                      return { PartNumber: part.number, Size: part.size, ...checksum };
                    }),
                  }
                : {}),
            },
          }
        : {}),
      ...(wanted.includes('StorageClass') ? { StorageClass: content.storageClass as 'STANDARD' } : {}),
      ...(wanted.includes('ObjectSize') ? { ObjectSize: content.size } : {}),
    };
  };

  return {
    PutObjectTagging: operation(
      ['Bucket', 'Key', 'VersionId', 'ContentMD5', 'ChecksumAlgorithm', 'Tagging', 'ExpectedBucketOwner'],
      (input, context) => {
        const bucket = bucketOf(wiring, input);
        const version = taggedVersion(bucket, input, 'PUT');
        refuseUnmodelled(input.Tagging ?? {}, ['TagSet'], 'Tagging');
        return setTags(bucket, version, readTags(input.Tagging?.TagSet, 'object'), 'Put', context);
      },
    ),
    GetObjectTagging: operation(['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner'], (input) => {
      const bucket = bucketOf(wiring, input);
      const version = taggedVersion(bucket, input, 'GET');
      return {
        ...versionOut(bucket, version.versionId),
        TagSet: version.content.tags.map((tag) => ({ ...tag })),
      };
    }),
    DeleteObjectTagging: operation(['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner'], (input, context) => {
      const bucket = bucketOf(wiring, input);
      const version = taggedVersion(bucket, input, 'DELETE');
      return setTags(bucket, version, [], 'Delete', context);
    }),
    GetObjectAttributes: operation(
      ['Bucket', 'Key', 'VersionId', 'MaxParts', 'PartNumberMarker', 'ExpectedBucketOwner', 'ObjectAttributes'],
      getAttributes,
    ),
    GetObjectAcl: operation(['Bucket', 'Key', 'VersionId', 'ExpectedBucketOwner'], (input) => {
      const bucket = bucketOf(wiring, input);
      objectVersion(bucket, input.Key ?? '', input.VersionId, 'GET');
      return ownerOnly(bucket, wiring);
    }),
    PutObjectAcl: operation(
      ['ACL', 'Bucket', 'Key', 'VersionId', 'ContentMD5', 'ChecksumAlgorithm', 'ExpectedBucketOwner'],
      (input) => {
        const bucket = bucketOf(wiring, input);
        taggedVersion(bucket, input, 'PUT');
        acceptAclChange(input.ACL, bucket, 'PutObjectAcl');
        return {};
      },
    ),
  };
};

/** The access control list of everything here: the bucket's owner may do anything, nobody else is named. */
export const ownerOnly = (bucket: Bucket, wiring: S3Wiring) => {
  const owner = ownerOf(bucket.settings.account, wiring);
  return {
    Owner: owner,
    Grants: [{ Grantee: { ...owner, Type: 'CanonicalUser' as const }, Permission: 'FULL_CONTROL' as const }],
  };
};
