import { type OperationTable, operation, type RequestContext } from './operation.ts';
import type { ServiceError } from './service-error.ts';

/** Values by key. */
export type Tags = Readonly<Record<string, string>>;

/** One tag as most APIs spell it; what is missing was refused before. */
interface ListedTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** The tags of a list; of two with one key the later counts. */
export const readTags = (tags: readonly ListedTag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** The same where the members are written small. */
export const readLowerCaseTags = (
  tags: readonly { readonly key?: string | undefined; readonly value?: string | undefined }[] | undefined,
): Tags => readTags(tags?.map(({ key, value }) => ({ Key: key, Value: value })));

export const listTags = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export const withoutTags = (tags: Tags, keys: readonly string[] | undefined): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !keys?.includes(key)));

/** What two keys must have in common to be one; in most services all of it. */
type TagIdentity = (key: string) => string;
const EXACT: TagIdentity = (key) => key;

/** Tags kept as a list, each in its place; an added one takes the place of the one with its key. */
export const mergedTagList = <Tag extends ListedTag>(
  before: readonly Tag[],
  added: readonly Tag[] | undefined,
  identityOf: TagIdentity = EXACT,
): readonly Tag[] => {
  const byKey = new Map<string, Tag>();
  for (const tag of [...before, ...(added ?? [])]) byKey.set(identityOf(tag.Key as string), tag);
  return [...byKey.values()];
};

/** Tags kept as a list, without those of some keys. */
export const withoutListedTags = <Tag extends ListedTag>(
  tags: readonly Tag[],
  keys: readonly string[] | undefined,
  identityOf: TagIdentity = EXACT,
): readonly Tag[] => {
  const gone = new Set(keys?.map(identityOf));
  return tags.filter(({ Key }) => !gone.has(identityOf(Key as string)));
};

/** Tags of one resource, whatever the service; AWS's own do not count. */
export const RESOURCE_TAGS_MAX = 50;

/** Whether a key is one of AWS's own: such tags are not counted. */
export const isSystemTag = (key: string): boolean => /^aws:/i.test(key);

/** Whether these are more than a resource of any service may have. */
export const areTooManyTags = (keys: readonly string[]): boolean =>
  keys.length > RESOURCE_TAGS_MAX && keys.filter((key) => !isSystemTag(key)).length > RESOURCE_TAGS_MAX;

/**
 * Tags that a resource is about to have, at its creation as later; no service lets it have more than fifty.
 *
 * @throws what `tooMany` makes
 */
export const limitedTags = (tags: Tags, tooMany: (text: string) => ServiceError): Tags => {
  if (!areTooManyTags(Object.keys(tags))) return tags;
  throw tooMany(`A resource can have no more than ${RESOURCE_TAGS_MAX} tags.`);
};

/** Something with tags, as found by its ARN. */
export interface TaggedResource {
  readonly tags: Tags;
  save(tags: Tags): void;
}

/** How a service spells tags: the members of its calls, and what a list of tags looks like. */
export interface TagSpelling {
  readonly arn: string;
  readonly tags: string;
  readonly keys: string;
  /** The operation that answers tags. @defaultValue ListTagsForResource */
  readonly list?: string;
  read(tags: never): Tags;
  write(tags: Tags): unknown;
}

/** `Tags: [{ Key, Value }]`. */
export const tagsInList = (arn: 'ResourceARN' | 'ResourceArn'): TagSpelling => ({
  arn,
  tags: 'Tags',
  keys: 'TagKeys',
  read: readTags,
  write: listTags,
});

/** `tags: [{ key, value }]`. */
export const TAGS_IN_LOWER_CASE_LIST: TagSpelling = {
  arn: 'resourceArn',
  tags: 'tags',
  keys: 'tagKeys',
  read: readLowerCaseTags,
  write: (tags) => Object.entries(tags).map(([key, value]) => ({ key, value })),
};

/** `tags: { <key>: <value> }`. */
export const TAGS_IN_MAP: TagSpelling = {
  arn: 'resourceArn',
  tags: 'tags',
  keys: 'tagKeys',
  read: (tags: Tags | undefined) => tags ?? {},
  write: (tags) => ({ ...tags }),
};

/**
 * TagResource, UntagResource and ListTagsForResource, as a service spells them; `find` throws. How many tags a resource may
 * have is looked at here, once for all of them.
 */
export const resourceTagOperations = (
  find: (context: RequestContext, resourceArn: string | undefined) => TaggedResource,
  tooMany: (text: string, resourceArn: string) => ServiceError,
  spelling: TagSpelling = tagsInList('ResourceARN'),
): OperationTable => {
  type Input = Readonly<Record<string, unknown>>;
  const found = (input: Input, context: RequestContext): TaggedResource =>
    find(context, input[spelling.arn] as string | undefined);
  return {
    TagResource: operation<Input, object>([spelling.arn, spelling.tags], (input, context) => {
      const resource = found(input, context);
      const tags = { ...resource.tags, ...spelling.read(input[spelling.tags] as never) };
      resource.save(limitedTags(tags, (text) => tooMany(text, input[spelling.arn] as string)));
      return {};
    }),
    UntagResource: operation<Input, object>([spelling.arn, spelling.keys], (input, context) => {
      const resource = found(input, context);
      resource.save(withoutTags(resource.tags, input[spelling.keys] as readonly string[] | undefined));
      return {};
    }),
    [spelling.list ?? 'ListTagsForResource']: operation<Input, object>([spelling.arn], (input, context) => ({
      [spelling.tags]: spelling.write(found(input, context).tags),
    })),
  };
};
