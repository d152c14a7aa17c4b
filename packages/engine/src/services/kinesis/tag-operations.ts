import type * as Sdk from '@aws-sdk/client-kinesis';
import {
  areTooManyTags,
  Constraints,
  listTags,
  type Operations,
  operation,
  RESOURCE_TAGS_MAX,
  type Tags,
  withoutTags,
} from '../../core/index.ts';
import { invalidArgument } from './errors.ts';
import type { Stream } from './stream.ts';
import type { StreamRegistry } from './stream-registry.ts';

/** `added` over `current`, within Kinesis's limits. @throws ServiceError */
export const checkTags = (added: Tags, current: Tags, streamName: string, account: string): Tags => {
  const constraints = new Constraints();
  for (const [key, value] of Object.entries(added)) {
    constraints.length('tags', key, 1, 128).length('tags', value, 0, 256);
  }
  constraints.check();
  const merged = { ...current, ...added };
  if (areTooManyTags(Object.keys(merged))) {
    throw invalidArgument(
      `Failed to add tags to stream ${streamName} under account ${account} because a given stream cannot have more than ${RESOURCE_TAGS_MAX} tags associated with it.`,
    );
  }
  return merged;
};

const listed = (tags: Tags): { Key: string; Value: string }[] =>
  listTags(tags).sort((a, b) => (a.Key < b.Key ? -1 : 1));

/** Tags of streams, by the older calls and by the newer ones. */
export const tagOperations = (streams: StreamRegistry): Operations<typeof Sdk> => {
  const add = (stream: Stream, tags: Tags | undefined): void => {
    const { name, account, tags: current } = stream.stored;
    streams.change(stream, { tags: checkTags(tags ?? {}, current, name, account) });
  };
  const remove = (stream: Stream, keys: readonly string[] | undefined): void =>
    streams.change(stream, { tags: withoutTags(stream.stored.tags, keys) });

  return {
    AddTagsToStream: operation(['StreamName', 'StreamARN', 'Tags'], (input, context) => {
      new Constraints().required('tags', input.Tags).check();
      add(streams.require(input, context), input.Tags);
      return {};
    }),
    RemoveTagsFromStream: operation(['StreamName', 'StreamARN', 'TagKeys'], (input, context) => {
      new Constraints().required('tagKeys', input.TagKeys).check();
      remove(streams.require(input, context), input.TagKeys);
      return {};
    }),
    ListTagsForStream: operation(['StreamName', 'StreamARN', 'ExclusiveStartTagKey', 'Limit'], (input, context) => {
      new Constraints().range('limit', input.Limit, 1, RESOURCE_TAGS_MAX).check();
      const all = listed(streams.require(input, context).stored.tags);
      const after = input.ExclusiveStartTagKey;
      const rest = all.filter(({ Key }) => after === undefined || Key > after);
      const page = rest.slice(0, input.Limit ?? RESOURCE_TAGS_MAX);
      return { Tags: page, HasMoreTags: page.length < rest.length };
    }),
    TagResource: operation(['ResourceARN', 'Tags'], (input, context) => {
      new Constraints().required('resourceARN', input.ResourceARN).required('tags', input.Tags).check();
      add(streams.require({ StreamARN: input.ResourceARN }, context), input.Tags);
      return {};
    }),
    UntagResource: operation(['ResourceARN', 'TagKeys'], (input, context) => {
      new Constraints().required('resourceARN', input.ResourceARN).required('tagKeys', input.TagKeys).check();
      remove(streams.require({ StreamARN: input.ResourceARN }, context), input.TagKeys);
      return {};
    }),
    ListTagsForResource: operation(['ResourceARN'], (input, context) => {
      new Constraints().required('resourceARN', input.ResourceARN).check();
      return { Tags: listed(streams.require({ StreamARN: input.ResourceARN }, context).stored.tags) };
    }),
  };
};
