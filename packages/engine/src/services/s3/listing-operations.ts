import type * as Sdk from '@aws-sdk/client-s3';
import type {
  ListObjectsCommandInput,
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
} from '@aws-sdk/client-s3';
import { base64OfText, bytesOfBase64, utf8Text } from '@holdfast/kernel';
import { type Operations, operation } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import { invalidArgument } from './errors.ts';
import { type ListedItem, type ListPosition, listPage, rolledUp } from './listing.ts';
import { currentObject } from './lookup.ts';
import type { ObjectVersion } from './stored.ts';
import { urlEncodeKey } from './url-encoding.ts';
import { listVersionsPage } from './version-listing.ts';
import { bucketOf, ownerOf, type S3Wiring } from './wiring.ts';

/** Items per page, whatever is asked for. */
const PAGE_MAX = 1_000;

export const pageSize = (maxKeys: number | undefined, name = 'max-keys'): number => {
  if (maxKeys === undefined) return PAGE_MAX;
  if (maxKeys < 0)
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, String(maxKeys));
  return Math.min(maxKeys, PAGE_MAX);
};

export const encoderFor = (encodingType: string | undefined): ((text: string) => string) => {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  }
  return urlEncodeKey;
};

const encodeToken = (position: ListPosition): string => base64OfText(JSON.stringify(position));

const decodeToken = (token: string): ListPosition => {
  try {
    const position = JSON.parse(utf8Text(bytesOfBase64(token))) as ListPosition;
    if (typeof position.after === 'string') return position;
  } catch {
    // Falls through: not one of ours.
  }
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
};

/** An object's row in a listing. */
const row = (version: ObjectVersion, encode: (text: string) => string) => ({
  Key: encode(version.key),
  LastModified: new Date(version.lastModified),
  ETag: `"${version.content.etag}"`,
  ...(version.content.checksum === undefined
    ? {}
    : {
        ChecksumAlgorithm: [version.content.checksum.algorithm],
        ChecksumType: version.content.checksum.type,
      }),
  Size: version.content.size,
  StorageClass: version.content.storageClass as 'STANDARD',
});

const keysIn = (items: readonly ListedItem[]): readonly string[] =>
  items.flatMap((item) => (item.kind === 'key' ? [item.key] : []));

const prefixesIn = (items: readonly ListedItem[], encode: (text: string) => string) => {
  const prefixes = items.flatMap((item) => (item.kind === 'prefix' ? [{ Prefix: encode(item.prefix) }] : []));
  return prefixes.length === 0 ? {} : { CommonPrefixes: prefixes };
};

const contentsOf = (
  bucket: Bucket,
  items: readonly ListedItem[],
  encode: (text: string) => string,
  owner: { readonly ID: string } | undefined,
) => {
  const contents = keysIn(items).map((key) => ({
    ...row(currentObject(bucket, key), encode),
    ...(owner === undefined ? {} : { Owner: owner }),
  }));
  return contents.length === 0 ? {} : { Contents: contents };
};

/** The three listings of a bucket. */
export const listingOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const listV2 = (input: ListObjectsV2CommandInput) => {
    const bucket = bucketOf(wiring, input);
    const encode = encoderFor(input.EncodingType);
    const prefix = input.Prefix ?? '';
    const delimiter = input.Delimiter ?? '';
    const position =
      input.ContinuationToken !== undefined
        ? decodeToken(input.ContinuationToken)
        : input.StartAfter === undefined || input.StartAfter === ''
          ? undefined
          : { after: input.StartAfter };
    const max = pageSize(input.MaxKeys);
    const { items, next } = listPage(bucket, { prefix, delimiter, position, max });
    const owner = input.FetchOwner === true ? ownerOf(bucket.settings.account, wiring) : undefined;
    return {
      Name: bucket.settings.name,
      Prefix: encode(prefix),
      ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
      MaxKeys: max,
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      KeyCount: items.length,
      IsTruncated: next !== undefined,
      ...(input.ContinuationToken === undefined ? {} : { ContinuationToken: input.ContinuationToken }),
      ...(next === undefined ? {} : { NextContinuationToken: encodeToken(next) }),
      ...(input.StartAfter === undefined || input.ContinuationToken !== undefined
        ? {}
        : { StartAfter: encode(input.StartAfter) }),
      ...contentsOf(bucket, items, encode, owner),
      ...prefixesIn(items, encode),
    };
  };

  const listV1 = (input: ListObjectsCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const encode = encoderFor(input.EncodingType);
    const prefix = input.Prefix ?? '';
    const delimiter = input.Delimiter ?? '';
    const marker = input.Marker ?? '';
    const max = pageSize(input.MaxKeys);
    // A marker that is a common prefix, or lies within one, stands behind all of it.
    const common = marker.startsWith(prefix) ? rolledUp(marker, prefix, delimiter) : undefined;
    const position =
      marker === '' ? undefined : common === undefined ? { after: marker } : { after: common, skipsPrefix: true };
    const { items, next } = listPage(bucket, { prefix, delimiter, position, max });
    return {
      Name: bucket.settings.name,
      Prefix: encode(prefix),
      Marker: encode(marker),
      ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
      MaxKeys: max,
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      IsTruncated: next !== undefined,
      // Without a delimiter the last key serves as marker, and S3 does not repeat it.
      ...(next === undefined || delimiter === '' ? {} : { NextMarker: encode(next.after) }),
      ...contentsOf(bucket, items, encode, ownerOf(bucket.settings.account, wiring)),
      ...prefixesIn(items, encode),
    };
  };

  const listVersions = (input: ListObjectVersionsCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const encode = encoderFor(input.EncodingType);
    const prefix = input.Prefix ?? '';
    const delimiter = input.Delimiter ?? '';
    const { KeyMarker: keyMarker = '', VersionIdMarker: versionIdMarker = '' } = input;
    if (keyMarker === '' && versionIdMarker !== '') {
      throw invalidArgument(
        'A version-id marker cannot be specified without a key marker.',
        'version-id-marker',
        versionIdMarker,
      );
    }
    const max = pageSize(input.MaxKeys);
    const { items, next } = listVersionsPage(bucket, { prefix, delimiter, keyMarker, versionIdMarker, max });
    const owner = ownerOf(bucket.settings.account, wiring);
    const versions = items.flatMap((item) =>
      item.kind !== 'object'
        ? []
        : [{ ...row(item.version, encode), VersionId: item.version.versionId, IsLatest: item.isLatest, Owner: owner }],
    );
    const markers = items.flatMap((item) =>
      item.kind !== 'marker'
        ? []
        : [
            {
              Key: encode(item.version.key),
              VersionId: item.version.versionId,
              IsLatest: item.isLatest,
              LastModified: new Date(item.version.lastModified),
              Owner: owner,
            },
          ],
    );
    return {
      Name: bucket.settings.name,
      Prefix: encode(prefix),
      KeyMarker: encode(keyMarker),
      VersionIdMarker: versionIdMarker,
      ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
      MaxKeys: max,
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      IsTruncated: next !== undefined,
      ...(next === undefined ? {} : { NextKeyMarker: encode(next.key), ...versionMarker(next.versionId) }),
      ...(versions.length === 0 ? {} : { Versions: versions }),
      ...(markers.length === 0 ? {} : { DeleteMarkers: markers }),
      ...prefixesIn(
        items.flatMap((item) => (item.kind === 'prefix' ? [item] : [])),
        encode,
      ),
    };
  };

  return {
    ListObjectsV2: operation(
      [
        'Bucket',
        'Delimiter',
        'EncodingType',
        'MaxKeys',
        'Prefix',
        'ContinuationToken',
        'FetchOwner',
        'StartAfter',
        'ExpectedBucketOwner',
      ],
      listV2,
    ),
    ListObjects: operation(
      ['Bucket', 'Delimiter', 'EncodingType', 'Marker', 'MaxKeys', 'Prefix', 'ExpectedBucketOwner'],
      listV1,
    ),
    ListObjectVersions: operation(
      [
        'Bucket',
        'Delimiter',
        'EncodingType',
        'KeyMarker',
        'MaxKeys',
        'Prefix',
        'VersionIdMarker',
        'ExpectedBucketOwner',
      ],
      listVersions,
    ),
  };
};

const versionMarker = (versionId: string | undefined) =>
  versionId === undefined ? {} : { NextVersionIdMarker: versionId };
