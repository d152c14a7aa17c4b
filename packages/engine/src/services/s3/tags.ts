import { isSystemTag, RESOURCE_TAGS_MAX, type RequestContext, ServiceError } from '../../core/index.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import type { StoredTag } from './stored.ts';

const OBJECT_TAGS_MAX = 10;

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const invalidTag = (message: string, tag: StoredTag, blamesValue = false): ServiceError =>
  new ServiceError('InvalidTag', message, 400, {
    TagKey: tag.Key,
    ...(blamesValue ? { TagValue: tag.Value } : {}),
  });

const isSame = (a: StoredTag, b: StoredTag): boolean => a.Key === b.Key && a.Value === b.Value;

/** Tags that a bucket is to have. Those of AWS's own among them stay as they are, unless a stack is at work. */
export const readBucketTags = (
  tags: WrittenTags,
  before: readonly StoredTag[],
  { isOfStack = false }: RequestContext,
): readonly StoredTag[] => {
  const system = before.filter(({ Key }) => isSystemTag(Key));
  const read = readTags(tags, 'bucket', (tag) => isOfStack || system.some((kept) => isSame(kept, tag)));
  const removed = system.find((kept) => !read.some((tag) => isSame(kept, tag)));
  if (removed !== undefined && !isOfStack) throw invalidTag('System Tags cannot be removed by requester', removed);
  return read;
};

type WrittenTags = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;

/** Checks tags as S3 does for objects and buckets. */
export const readTags = (
  tags: WrittenTags,
  owner: 'object' | 'bucket',
  isAllowed: (tag: StoredTag) => boolean = () => false,
): readonly StoredTag[] => {
  if (tags?.some(({ Key, Value }) => Key === undefined || Value === undefined) === true) throw malformedXml();
  const read = (tags ?? []).map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' }));
  const max = owner === 'object' ? OBJECT_TAGS_MAX : RESOURCE_TAGS_MAX;
  if (read.filter((tag) => !isAllowed(tag) || !isSystemTag(tag.Key)).length > max) {
    throw new ServiceError(
      'BadRequest',
      owner === 'object'
        ? `Object tags cannot be greater than ${max}`
        : `Bucket tag count cannot be greater than ${max}`,
      400,
    );
  }
  const seen = new Set<string>();
  for (const tag of read) {
    if (tag.Key.length === 0 || tag.Key.length > 128 || !ALLOWED.test(tag.Key)) {
      throw invalidTag('The TagKey you have provided is invalid', tag);
    }
    if (tag.Value.length > 256 || !ALLOWED.test(tag.Value)) {
      throw invalidTag('The TagValue you have provided is invalid', tag, true);
    }
    if (seen.has(tag.Key)) throw invalidTag('Cannot provide multiple Tags with the same key', tag);
    if (tag.Key.startsWith('aws:') && !isAllowed(tag)) {
      const isOfBucket = owner === 'bucket';
      throw invalidTag(
        isOfBucket ? 'System tags cannot be added/updated by requester' : 'Your TagKey cannot be prefixed with aws:',
        tag,
      );
    }
    seen.add(tag.Key);
  }
  return read;
};

/** Reads the `x-amz-tagging` header: a query string. */
export const readTagHeader = (header: string | undefined): readonly StoredTag[] => {
  if (header === undefined || header === '') return [];
  const malformed = (): ServiceError =>
    invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    );
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
  if (header.includes(',') || new Set(tags.map((tag) => tag.Key)).size < tags.length) throw malformed();
  return readTags(tags, 'object');
};
