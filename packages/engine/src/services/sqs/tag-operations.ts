import type * as Sdk from '@aws-sdk/client-sqs';
import { areTooManyTags, isSystemTag, type Operations, operation, type Tags, withoutTags } from '../../core/index.ts';
import { invalidParameter, missingParameter } from './errors.ts';
import type { QueueRegistry } from './queue-registry.ts';

const TAG_KEY_LENGTH_MAX = 128;
const TAG_VALUE_LENGTH_MAX = 256;

/** `added` over `current`, within SQS's limits. @throws ServiceError InvalidParameterValue */
export const checkTags = (added: Tags, current: Tags, queueName: string): Tags => {
  for (const [key, value] of Object.entries(added)) {
    if (key.length < 1 || key.length > TAG_KEY_LENGTH_MAX) {
      throw invalidParameter(`Tag key must be between 1 and ${TAG_KEY_LENGTH_MAX} characters in length.`);
    }
    if (isSystemTag(key)) {
      throw invalidParameter('Tag keys must not start with aws: as it is reserved for system use.');
    }
    if (value.length > TAG_VALUE_LENGTH_MAX) {
      throw invalidParameter(`Tag value must be between 0 and ${TAG_VALUE_LENGTH_MAX} characters in length.`);
    }
  }
  const merged = { ...current, ...added };
  if (areTooManyTags(Object.keys(merged))) {
    throw invalidParameter(`Too many tags added for queue ${queueName}.`);
  }
  return merged;
};

export const tagOperations = (queues: QueueRegistry): Operations<typeof Sdk> => ({
  TagQueue: operation(['QueueUrl', 'Tags'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    if (Object.keys(input.Tags ?? {}).length === 0) throw missingParameter('Tags');
    queue.tags = checkTags(input.Tags as Tags, queue.tags, queue.name);
    queue.save();
    return {};
  }),

  UntagQueue: operation(['QueueUrl', 'TagKeys'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    const keys = input.TagKeys ?? [];
    if (keys.length === 0) {
      throw invalidParameter(`Tag keys must be between 1 and ${TAG_KEY_LENGTH_MAX} characters in length.`);
    }
    queue.tags = withoutTags(queue.tags, keys);
    queue.save();
    return {};
  }),

  ListQueueTags: operation(['QueueUrl'], (input, context) => {
    const { tags } = queues.require(input.QueueUrl, context);
    return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
  }),
});
