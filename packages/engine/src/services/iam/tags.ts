import type { Tag } from '@aws-sdk/client-iam';
import { Constraints, ServiceError } from '../../core/index.ts';
import { type Page, type Paging, pageOf } from './pages.ts';

const TAGS_MAX = 50;

/** Tags after adding some; keys differ by more than their case. */
export const mergedTags = (tags: readonly Tag[], added: readonly Tag[] = []): Tag[] => {
  const constraints = new Constraints();
  for (const [index, { Key, Value }] of added.entries()) {
    const path = `tags.${index + 1}.member`;
    constraints.required(`${path}.key`, Key).length(`${path}.key`, Key, 1, 128);
    constraints.required(`${path}.value`, Value).length(`${path}.value`, Value, 0, 256);
  }
  constraints.check('ValidationError');
  const byKey = new Map(tags.map((tag) => [tag.Key?.toLowerCase(), tag]));
  for (const tag of added) byKey.set(tag.Key?.toLowerCase(), tag);
  if (byKey.size > TAGS_MAX) {
    throw new ServiceError('LimitExceeded', `The number of tags has reached the maximum limit.`, 409);
  }
  return [...byKey.values()];
};

/** Tags after removing some. */
export const withoutTags = (tags: readonly Tag[], keys: readonly string[] = []): Tag[] => {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter((tag) => !gone.has((tag.Key as string).toLowerCase()));
};

/** One page of tags, by key. */
export const pageOfTags = (tags: readonly Tag[], paging: Paging): Page<Tag> => {
  const sorted = [...tags].sort((a, b) => ((a.Key as string) < (b.Key as string) ? -1 : 1));
  return pageOf(sorted, (tag) => tag.Key as string, paging);
};
