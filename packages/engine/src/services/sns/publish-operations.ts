import type * as Sdk from '@aws-sdk/client-sns';
import type { PublishBatchCommandInput, PublishCommandInput } from '@aws-sdk/client-sns';
import { parseArn } from '@holdfast/aws-model';
import {
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  refuseUnmodelled,
  ServiceError,
} from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { messageBytesMaxOf, readMessage, sizeOf } from './message-input.ts';
import { checkTopicArn } from './names.ts';
import type { SnsWiring } from './wiring.ts';

const BATCH_MAX = 10;

const MESSAGE_MEMBERS = [
  'Message',
  'Subject',
  'MessageStructure',
  'MessageAttributes',
  'MessageDeduplicationId',
  'MessageGroupId',
] as const;

const batchError = (code: string, message: string): ServiceError => new ServiceError(code, message, 400);

const checkBatch = (
  entries: NonNullable<PublishBatchCommandInput['PublishBatchRequestEntries']>,
  bytesMax: number,
): void => {
  if (entries.length === 0) {
    throw batchError('EmptyBatchRequest', "The batch request doesn't contain any entries.");
  }
  if (entries.length > BATCH_MAX) {
    throw batchError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  }
  const ids = new Set<string>();
  for (const entry of entries) {
    refuseUnmodelled(entry, ['Id', ...MESSAGE_MEMBERS], 'PublishBatchRequestEntries');
    const id = entry.Id ?? '';
    if (id.length > 80) {
      throw batchError('InvalidBatchEntryId', `The Id of a batch entry in the batch request is too long: ${id}`);
    }
    if (!/^[A-Za-z0-9_-]+$/.test(id)) {
      throw batchError(
        'InvalidBatchEntryId',
        `The Id of a batch entry in the batch request contains an impermissible character: ${id}`,
      );
    }
    if (ids.has(id)) {
      throw batchError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
    }
    ids.add(id);
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > bytesMax) {
    throw batchError('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.');
  }
};

/** Publishing, one message or ten. */
export const publishOperations = ({ table, publisher, encryption }: SnsWiring): Operations<typeof Sdk> => {
  const publish = (input: PublishCommandInput, context: RequestContext) => {
    if (input.PhoneNumber !== undefined) throw notSupported('SNS Publish with PhoneNumber');
    const parameter = input.TopicArn === undefined && input.TargetArn !== undefined ? 'TargetArn' : 'TopicArn';
    const targetArn = input.TopicArn ?? input.TargetArn;
    if (targetArn === undefined)
      throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
    if (parseArn(targetArn)?.resource.startsWith('endpoint/')) {
      throw invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
    }
    const topic = table.topic(checkTopicArn(targetArn, context.region, parameter));
    const message = readMessage(input, topic);
    encryption.check(topic.facts, context);
    return publisher.send(topic, message, sizeOf(input), context.traceHeader);
  };

  const publishBatch = (input: PublishBatchCommandInput, context: RequestContext) => {
    const topic = table.topic(input.TopicArn, context.region);
    const entries = input.PublishBatchRequestEntries ?? [];
    checkBatch(entries, messageBytesMaxOf(topic));
    const checked = entries.map((entry, index) => ({
      Id: entry.Id,
      bytes: sizeOf(entry),
      message: readMessage(entry, topic, `publishBatchRequestEntries.${index + 1}.member.`),
    }));
    encryption.check(topic.facts, context);
    return {
      Successful: checked.map(({ Id, bytes, message }) => ({
        Id,
        ...publisher.send(topic, message, bytes, context.traceHeader),
      })),
      Failed: [],
    };
  };

  return {
    Publish: operation(['TopicArn', 'TargetArn', 'PhoneNumber', ...MESSAGE_MEMBERS], publish),
    PublishBatch: operation(['TopicArn', 'PublishBatchRequestEntries'], publishBatch),
  };
};
