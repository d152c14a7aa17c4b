import type * as Sdk from '@aws-sdk/client-s3';
import type { ListMultipartUploadsCommandInput, ListPartsCommandInput } from '@aws-sdk/client-s3';
import { type Operations, operation } from '../../core/index.ts';
import { checksumOut } from './checksums.ts';
import { invalidArgument } from './errors.ts';
import { rolledUp } from './listing.ts';
import { encoderFor, pageSize } from './listing-operations.ts';
import type { StoredUpload } from './stored.ts';
import { compareUtf8 } from './utf8-order.ts';
import { bucketOf, ownerOf, type S3Wiring } from './wiring.ts';

const shownChecksum = (facts: StoredUpload) =>
  facts.checksumAlgorithm === undefined
    ? {}
    : { ChecksumAlgorithm: facts.checksumAlgorithm, ChecksumType: facts.checksumType };

/** What is under way: uploads of a bucket, parts of an upload. */
export const multipartListings = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const listUploads = (input: ListMultipartUploadsCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const { name } = bucket.settings;
    const encode = encoderFor(input.EncodingType);
    const { Prefix: prefix = '', Delimiter: delimiter = '', KeyMarker: keyMarker = '' } = input;
    const idMarker = keyMarker === '' ? '' : (input.UploadIdMarker ?? '');
    const max = pageSize(input.MaxUploads, 'max-uploads');
    const marked = idMarker === '' ? undefined : wiring.uploads.get(idMarker)?.facts;
    if (idMarker !== '' && marked?.key !== keyMarker) {
      throw invalidArgument('Invalid uploadId marker', 'upload-id-marker', idMarker);
    }
    const isBehindMarker = (facts: StoredUpload): boolean => {
      const order = compareUtf8(facts.key, keyMarker);
      if (keyMarker === '' || order > 0) return true;
      return order === 0 && marked !== undefined && byAge(facts, marked) > 0;
    };
    const found = wiring.uploads
      .inBucket(name)
      .map((upload) => upload.facts)
      .filter((facts) => facts.key.startsWith(prefix) && isBehindMarker(facts))
      .sort((a, b) => compareUtf8(a.key, b.key) || byAge(a, b));
    const listed: StoredUpload[] = [];
    const prefixes = new Set<string>();
    let isTruncated = false;
    for (const facts of found) {
      const common = rolledUp(facts.key, prefix, delimiter);
      if (common !== undefined && (prefixes.has(common) || common === keyMarker)) continue;
      if (listed.length + prefixes.size >= max) {
        isTruncated = max > 0;
        break;
      }
      if (common === undefined) listed.push(facts);
      else prefixes.add(common);
    }
    const last = listed.at(-1);
    const lastPrefix = [...prefixes].at(-1);
    const endsWithPrefix = lastPrefix !== undefined && (last === undefined || compareUtf8(lastPrefix, last.key) > 0);
    const owner = ownerOf(bucket.settings.account, wiring);
    return {
      Bucket: name,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: idMarker,
      ...(input.Prefix === undefined ? {} : { Prefix: encode(prefix) }),
      ...(delimiter === '' ? {} : { Delimiter: encode(delimiter) }),
      ...(input.EncodingType === undefined ? {} : { EncodingType: input.EncodingType }),
      MaxUploads: max,
      IsTruncated: isTruncated,
      NextKeyMarker: encode(endsWithPrefix ? lastPrefix : (last?.key ?? '')),
      NextUploadIdMarker: endsWithPrefix ? '' : (last?.uploadId ?? ''),
      ...(listed.length === 0
        ? {}
        : {
            Uploads: listed.map((facts) => ({
              UploadId: facts.uploadId,
              Key: encode(facts.key),
              Initiated: new Date(Math.floor(facts.initiatedAt / 1_000) * 1_000),
              StorageClass: facts.attributes.storageClass as 'STANDARD',
              Owner: owner,
              Initiator: initiatorOf(facts.account, wiring),
              ...shownChecksum(facts),
            })),
          }),
      ...(prefixes.size === 0 ? {} : { CommonPrefixes: [...prefixes].map((one) => ({ Prefix: encode(one) })) }),
    };
  };

  const listParts = (input: ListPartsCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const { facts, parts } = wiring.uploads.find(bucket.settings.name, input.Key, input.UploadId);
    const max = pageSize(input.MaxParts, 'max-parts');
    const after = Number(input.PartNumberMarker ?? 0);
    const behind = [...parts.values()].filter((part) => part.number > after).sort((a, b) => a.number - b.number);
    const page = behind.slice(0, max);
    return {
      Bucket: facts.bucket,
      Key: facts.key,
      UploadId: facts.uploadId,
      PartNumberMarker: String(after),
      NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
      MaxParts: max,
      IsTruncated: behind.length > page.length,
      ...(page.length === 0
        ? {}
        : {
            Parts: page.map((part) => {
              const { ChecksumType: _, ...checksum } = checksumOut(part.checksum);
              return {
                PartNumber: part.number,
                LastModified: new Date(part.lastModified),
                ETag: `"${part.etag}"`,
                Size: part.segment.size,
                ...checksum,
              };
            }),
          }),
      Owner: ownerOf(bucket.settings.account, wiring),
      Initiator: initiatorOf(facts.account, wiring),
      StorageClass: facts.attributes.storageClass as 'STANDARD',
      ...shownChecksum(facts),
    };
  };

  return {
    ListMultipartUploads: operation(
      [
        'Bucket',
        'Delimiter',
        'EncodingType',
        'KeyMarker',
        'MaxUploads',
        'Prefix',
        'UploadIdMarker',
        'ExpectedBucketOwner',
      ],
      listUploads,
    ),
    ListParts: operation(
      ['Bucket', 'Key', 'MaxParts', 'PartNumberMarker', 'UploadId', 'ExpectedBucketOwner'],
      listParts,
    ),
  };
};

/** Owners have lost their names in answers of S3, initiators have not. */
const initiatorOf = (account: string, wiring: S3Wiring) => ({ ...ownerOf(account, wiring), DisplayName: account });

const byAge = (a: StoredUpload, b: StoredUpload): number =>
  a.initiatedAt - b.initiatedAt || (a.uploadId < b.uploadId ? -1 : a.uploadId > b.uploadId ? 1 : 0);
