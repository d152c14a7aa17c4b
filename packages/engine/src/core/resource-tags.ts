import { type OperationTable, operation, type RequestContext } from './operation.ts';

/** Something with tags, as found by its ARN. */
export interface TaggedResource {
  readonly tags: Readonly<Record<string, string>>;
  save(tags: Readonly<Record<string, string>>): void;
}

interface TagsInput {
  readonly ResourceARN: string | undefined;
  readonly Tags: readonly { readonly Key: string | undefined; readonly Value: string | undefined }[] | undefined;
}

interface TagKeysInput {
  readonly ResourceARN: string | undefined;
  readonly TagKeys: readonly string[] | undefined;
}

/** TagResource, UntagResource and ListTagsForResource of services that name the member `ResourceARN`; `find` throws. */
export const resourceTagOperations = (
  find: (context: RequestContext, resourceArn: string | undefined) => TaggedResource,
): OperationTable => ({
  TagResource: operation<TagsInput, object>(['ResourceARN', 'Tags'], (input, context) => {
    const resource = find(context, input.ResourceARN);
    const added = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key as string, Value as string]));
    resource.save({ ...resource.tags, ...added });
    return {};
  }),
  UntagResource: operation<TagKeysInput, object>(['ResourceARN', 'TagKeys'], (input, context) => {
    const resource = find(context, input.ResourceARN);
    const kept = Object.entries(resource.tags).filter(([key]) => !(input.TagKeys ?? []).includes(key));
    resource.save(Object.fromEntries(kept));
    return {};
  }),
  ListTagsForResource: operation<Pick<TagsInput, 'ResourceARN'>, object>(['ResourceARN'], (input, context) => ({
    Tags: Object.entries(find(context, input.ResourceARN).tags).map(([Key, Value]) => ({ Key, Value })),
  })),
});
