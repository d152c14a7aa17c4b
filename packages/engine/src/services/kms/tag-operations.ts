import type * as Sdk from '@aws-sdk/client-kms';
import {
  areTooManyTags,
  Constraints,
  isSystemTag,
  type Operations,
  operation,
  pageByKey,
  withoutTags,
} from '../../core/index.ts';
import { invalidMarker, pendingDeletion, tagError } from './errors.ts';
import type { KeyDesk } from './key-desk.ts';
import { truncated } from './pages.ts';
import type { KeyRegistry } from './registry.ts';
import type { StoredKey } from './stored.ts';

const PAGE_DEFAULT = 50;

type Tags = readonly { readonly TagKey: string | undefined; readonly TagValue: string | undefined }[] | undefined;

/** Tags with some more. @throws ServiceError TagException */
export const addedTags = (before: Readonly<Record<string, string>>, added: Tags): Readonly<Record<string, string>> => {
  const constraints = new Constraints();
  for (const [index, { TagKey, TagValue }] of (added ?? []).entries()) {
    const path = `tags.${index + 1}.member`;
    constraints.required(`${path}.tagKey`, TagKey).length(`${path}.tagKey`, TagKey, 1, 128);
    constraints.required(`${path}.tagValue`, TagValue).length(`${path}.tagValue`, TagValue, 0, 256);
  }
  constraints.check();
  const names = (added ?? []).map(({ TagKey }) => TagKey as string);
  if (new Set(names).size < names.length) throw tagError('Duplicate tag keys');
  if (names.some((name) => isSystemTag(name))) throw tagError('User-defined tags cannot start with "aws:"');
  const tags = { ...before, ...Object.fromEntries((added ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue])) };
  if (areTooManyTags(Object.keys(tags))) throw tagError('Too many tags');
  return tags as Readonly<Record<string, string>>;
};

/** Tags of keys. */
export const tagOperations = (registry: KeyRegistry, desk: KeyDesk): Operations<typeof Sdk> => {
  const tagged = (key: StoredKey): StoredKey => {
    if (key.deletionAt !== undefined) throw pendingDeletion(key.arn);
    return key;
  };
  return {
    TagResource: operation(['KeyId', 'Tags'], (input, context) => {
      new Constraints().required('keyId', input.KeyId).required('tags', input.Tags).check();
      const key = tagged(desk.open(input.KeyId as string, 'kms:TagResource', context));
      registry.putKey({ ...key, tags: addedTags(key.tags, input.Tags) });
      return {};
    }),
    UntagResource: operation(['KeyId', 'TagKeys'], (input, context) => {
      new Constraints().required('keyId', input.KeyId).required('tagKeys', input.TagKeys).check();
      const key = tagged(desk.open(input.KeyId as string, 'kms:UntagResource', context));
      registry.putKey({ ...key, tags: withoutTags(key.tags, input.TagKeys) });
      return {};
    }),
    ListResourceTags: operation(['KeyId', 'Limit', 'Marker'], (input, context) => {
      new Constraints().required('keyId', input.KeyId).range('limit', input.Limit, 1, 50).check();
      const { tags } = desk.open(input.KeyId as string, 'kms:ListResourceTags', context);
      const entries = Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1));
      const request = { token: input.Marker, size: input.Limit ?? PAGE_DEFAULT, invalid: invalidMarker };
      const { page, ...rest } = truncated(pageByKey(entries, ([name]) => name, request));
      return { Tags: page.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...rest };
    }),
  };
};
