import type * as Sdk from '@aws-sdk/client-sqs';
import { type Operations, operation } from '../../core/index.ts';
import { addPermission, removePermission } from './permissions.ts';
import { checkAttributes, mergeAttributes } from './queue-attributes.ts';
import type { QueueRegistry } from './queue-registry.ts';

export const permissionOperations = (queues: QueueRegistry): Operations<typeof Sdk> => ({
  AddPermission: operation(['QueueUrl', 'Label', 'AWSAccountIds', 'Actions'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    const { Label: label, AWSAccountIds: accountIds, Actions: actions } = input;
    const policy = addPermission(queue.settings.policy, queue.arn, { label, accountIds, actions });
    const changes = checkAttributes({ Policy: policy }, queue.isFifo);
    queues.configure(queue, mergeAttributes(queue.attributes, changes), context.now);
    return {};
  }),

  RemovePermission: operation(['QueueUrl', 'Label'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    const changes = { Policy: removePermission(queue.settings.policy, input.Label) };
    queues.configure(queue, mergeAttributes(queue.attributes, changes), context.now);
    return {};
  }),
});
