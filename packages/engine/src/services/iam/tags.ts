import type { Tag } from '@aws-sdk/client-iam';
import { Constraints, mergedTagList, RESOURCE_TAGS_MAX, ServiceError, withoutListedTags } from '../../core/index.ts';
import { type Page, type Paging, pageOf } from './pages.ts';

/** Keys of one resource's tags differ by more than their case. */
const caseless = (key: string): string => key.toLowerCase();

/** Tags after adding some. */
export const mergedTags = (tags: readonly Tag[], added: readonly Tag[] = []): readonly Tag[] => {
  const constraints = new Constraints();
  for (const [index, { Key, Value }] of added.entries()) {
    const path = `tags.${index + 1}.member`;
    constraints.required(`${path}.key`, Key).length(`${path}.key`, Key, 1, 128);
    constraints.required(`${path}.value`, Value).length(`${path}.value`, Value, 0, 256);
  }
  constraints.check('ValidationError');
  const merged = mergedTagList(tags, added, caseless);
  if (merged.length > RESOURCE_TAGS_MAX) {
    throw new ServiceError('LimitExceeded', `The number of tags has reached the maximum limit.`, 409);
  }
  return merged;
};

/** Tags after removing some. */
export const withoutTags = (tags: readonly Tag[], keys: readonly string[] | undefined): readonly Tag[] =>
  withoutListedTags(tags, keys, caseless);

/** One page of tags, by key. */
export const pageOfTags = (tags: readonly Tag[], paging: Paging): Page<Tag> => {
  const sorted = [...tags].sort((a, b) => ((a.Key as string) < (b.Key as string) ? -1 : 1));
  return pageOf(sorted, (tag) => tag.Key as string, paging);
};
