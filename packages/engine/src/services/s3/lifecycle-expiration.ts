import type { LifecycleRule, LifecycleRuleFilter } from '@aws-sdk/client-s3';
import { DAY_MS, type EpochMs } from '@holdfast/kernel';
import type { Bucket } from './bucket.ts';
import { fromPlain, type ObjectVersion, type StoredTag } from './stored.ts';

const hasTag = (
  tags: readonly StoredTag[],
  wanted: { readonly Key?: string | undefined; readonly Value?: string | undefined },
) => tags.some(({ Key, Value }) => Key === wanted.Key && Value === wanted.Value);

const matchesFilter = (filter: LifecycleRuleFilter, { key, content }: ObjectVersion): boolean => {
  const {
    Prefix = '',
    Tag,
    Tags,
    ObjectSizeGreaterThan,
    ObjectSizeLessThan,
  } = {
    ...filter,
    Tags: undefined,
    ...filter.And,
  } as LifecycleRuleFilter & NonNullable<LifecycleRuleFilter['And']>;
  return (
    key.startsWith(Prefix) &&
    [...(Tag === undefined ? [] : [Tag]), ...(Tags ?? [])].every((tag) => hasTag(content.tags, tag)) &&
    content.size > (ObjectSizeGreaterThan ?? -1) &&
    content.size < (ObjectSizeLessThan ?? Number.POSITIVE_INFINITY)
  );
};

/** Days count to the midnight after them. */
const expiryOf = ({ Expiration }: LifecycleRule, lastModified: EpochMs): EpochMs | undefined => {
  if (Expiration?.Date !== undefined) return Expiration.Date.getTime();
  if (Expiration?.Days === undefined) return undefined;
  return Math.ceil((lastModified + Expiration.Days * DAY_MS) / DAY_MS) * DAY_MS;
};

/**
 * What S3 says of when the current version of an object expires: the soonest of the bucket's rules. Nothing expires here.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html
 */
export const expirationOut = (bucket: Bucket, version: ObjectVersion): { readonly Expiration?: string } => {
  const stored = bucket.settings.configurations['lifecycle'];
  if (stored === undefined) return {};
  const { Rules = [] } = fromPlain(stored) as { readonly Rules?: readonly LifecycleRule[] };
  const [first] = Rules.flatMap((rule) => {
    const at = expiryOf(rule, version.lastModified);
    const applies = rule.Status === 'Enabled' && matchesFilter(rule.Filter ?? { Prefix: rule.Prefix }, version);
    return at !== undefined && applies ? [{ at, id: rule.ID ?? '' }] : [];
  }).sort((a, b) => a.at - b.at);
  if (first === undefined) return {};
  const date = new Date(first.at).toUTCString();
  return { Expiration: `expiry-date="${date}", rule-id="${encodeURIComponent(first.id)}"` };
};
