import type * as Sdk from '@aws-sdk/client-sqs';
import type { EpochMs } from '@holdfast/kernel';
import { type Operations, operation, ServiceError } from '../../core/index.ts';
import { missingParameter } from './errors.ts';
import { type Page, pageOf } from './paging.ts';
import type { Queue } from './queue.ts';
import {
  type AttributeMap,
  checkAttributes,
  checkFifoUnchanged,
  defaultAttributes,
  isFifoRequested,
  mergeAttributes,
} from './queue-attributes.ts';
import { checkQueueName } from './queue-names.ts';
import type { QueueRegistry } from './queue-registry.ts';
import { checkTags } from './tag-operations.ts';

/** One purge per queue in this time. */
export const PURGE_REST_MS = 60_000;

const CONFIGURABLE = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'Policy',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];

const COMPUTED = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
];

const READABLE: ReadonlySet<string> = new Set(['All', ...CONFIGURABLE, ...COMPUTED]);

const epochSeconds = (at: EpochMs): string => String(Math.floor(at / 1_000));

const allAttributes = (queue: Queue, now: EpochMs): AttributeMap => {
  const { visible, inFlight, delayed } = queue.counts(now);
  return {
    ...queue.attributes,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    CreatedTimestamp: epochSeconds(queue.createdAt),
    LastModifiedTimestamp: epochSeconds(queue.modifiedAt),
    QueueArn: queue.arn,
  };
};

/** Drops members that are `undefined`: the SDK's maps are partial. */
const attributeMap = (given: Readonly<Record<string, string | undefined>> | undefined): AttributeMap =>
  Object.fromEntries(Object.entries(given ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Operations on queues: life, attributes, lists. */
export const queueOperations = (queues: QueueRegistry): Operations<typeof Sdk> => ({
  CreateQueue: operation(['QueueName', 'Attributes', 'tags'], (input, context) => {
    const name = input.QueueName;
    if (name === undefined || name === '') throw missingParameter('QueueName');
    const given = attributeMap(input.Attributes);
    const isFifo = isFifoRequested(given);
    checkQueueName(name, isFifo);
    const checked = checkAttributes(given, isFifo);
    const tags = checkTags(input.tags ?? {}, {}, name);
    const attributes = mergeAttributes(defaultAttributes(isFifo), checked);
    const { account, region, now } = context;
    const queue = queues.create({ name, account, region }, checked, attributes, tags, now);
    queue.metrics.active(now);
    return { QueueUrl: queues.urlOf(queue, context) };
  }),

  DeleteQueue: operation(['QueueUrl'], (input, context) => {
    queues.delete(queues.require(input.QueueUrl, context), context.now);
    return {};
  }),

  GetQueueUrl: operation(['QueueName', 'QueueOwnerAWSAccountId'], (input, context) => {
    if (input.QueueName === undefined || input.QueueName === '') throw missingParameter('QueueName');
    const account = input.QueueOwnerAWSAccountId ?? context.account;
    return { QueueUrl: queues.urlOf(queues.require(input.QueueName, { ...context, account }), context) };
  }),

  GetQueueAttributes: operation(['QueueUrl', 'AttributeNames'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    const names: readonly string[] = input.AttributeNames ?? [];
    for (const name of names) {
      if (!READABLE.has(name)) throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${name}.`, 400);
    }
    queue.metrics.active(context.now);
    const all = allAttributes(queue, context.now);
    const asked = names.includes('All')
      ? all
      : Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
    return Object.keys(asked).length === 0 ? {} : { Attributes: asked };
  }),

  SetQueueAttributes: operation(['QueueUrl', 'Attributes'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    const given = attributeMap(input.Attributes);
    if (Object.keys(given).length === 0) throw missingParameter('Attribute.Name');
    checkFifoUnchanged(given, queue.isFifo);
    const checked = checkAttributes(given, queue.isFifo);
    queues.configure(queue, mergeAttributes(queue.attributes, checked), context.now);
    queue.metrics.active(context.now);
    return {};
  }),

  ListQueues: operation(['QueueNamePrefix', 'NextToken', 'MaxResults'], (input, context) => {
    const { items, nextToken }: Page<string> = pageOf(
      queues.namesOf(context, input.QueueNamePrefix ?? ''),
      (name) => name,
      input,
    );
    const urls = items.map((name) => queues.urlOf(queues.require(name, context), context));
    return {
      ...(urls.length === 0 ? {} : { QueueUrls: urls }),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    };
  }),

  ListDeadLetterSourceQueues: operation(['QueueUrl', 'NextToken', 'MaxResults'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    const { items, nextToken } = pageOf(queues.sourcesOf(queue.arn), (source) => source.name, input);
    return {
      queueUrls: items.map((source) => queues.urlOf(source, context)),
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    };
  }),

  PurgeQueue: operation(['QueueUrl'], (input, context) => {
    const queue = queues.require(input.QueueUrl, context);
    if (queue.purgedAt !== undefined && context.now - queue.purgedAt < PURGE_REST_MS) {
      throw new ServiceError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        403,
      );
    }
    queue.purge(context.now);
    return {};
  }),
});
