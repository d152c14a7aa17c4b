import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, TAGS, tagChanges, tagMap, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  QueueName: 'string',
  FifoQueue: 'boolean',
  ContentBasedDeduplication: 'boolean',
  DeduplicationScope: 'string',
  DelaySeconds: 'number',
  FifoThroughputLimit: 'string',
  KmsDataKeyReusePeriodSeconds: 'number',
  KmsMasterKeyId: 'string',
  MaximumMessageSize: 'number',
  MessageRetentionPeriod: 'number',
  ReceiveMessageWaitTimeSeconds: 'number',
  RedriveAllowPolicy: 'json',
  RedrivePolicy: 'json',
  SqsManagedSseEnabled: 'boolean',
  Tags: TAGS,
  VisibilityTimeout: 'number',
} as const satisfies MemberShapes;

type QueueProperties = PropertiesOf<typeof SHAPE>;

/** What an attribute goes back to when its property is removed. */
const ATTRIBUTE_DEFAULTS = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  DelaySeconds: '0',
  FifoThroughputLimit: 'perQueue',
  KmsDataKeyReusePeriodSeconds: '300',
  KmsMasterKeyId: '',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  RedriveAllowPolicy: '',
  RedrivePolicy: '',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
} as const;

type AttributeName = keyof typeof ATTRIBUTE_DEFAULTS;

const attributesOf = (properties: QueueProperties): Record<string, string> =>
  Object.fromEntries(
    (Object.keys(ATTRIBUTE_DEFAULTS) as AttributeName[])
      .filter((name) => properties[name] !== undefined)
      .map((name) => {
        const value = properties[name];
        return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)];
      }),
  );

const stateOf = (queueUrl: string, context: ResourceContext) => {
  const name = queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
  return {
    physicalId: queueUrl,
    attributes: { Arn: arnIn(context, 'sqs', name), QueueName: name, QueueUrl: queueUrl },
  };
};

export const sqsQueue: ResourceType<QueueProperties> = {
  type: 'AWS::SQS::Queue',
  properties: SHAPE,
  createOnly: ['QueueName', 'FifoQueue'],
  nameProperty: 'QueueName',
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  async create(properties, context) {
    const isFifo = properties.FifoQueue === true;
    const QueueName = properties.QueueName ?? context.generateName({ maxLength: 80, suffix: isFifo ? '.fifo' : '' });
    const { QueueUrl } = await context.call<{ QueueUrl: string }>('sqs', 'CreateQueue', {
      QueueName,
      Attributes: { ...attributesOf(properties), ...(isFifo ? { FifoQueue: 'true' } : {}) },
      ...(properties.Tags === undefined ? {} : { tags: tagMap(properties.Tags) }),
    });
    return stateOf(QueueUrl, context);
  },
  async update(existing, properties, context) {
    const QueueUrl = existing.physicalId;
    const [before, wanted] = [attributesOf(existing.properties), attributesOf(properties)];
    const Attributes: Record<string, string> = { ...wanted };
    for (const name of Object.keys(before)) Attributes[name] ??= ATTRIBUTE_DEFAULTS[name as AttributeName];
    if (Object.keys(Attributes).length > 0) await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes });
    const { set, removed } = tagChanges(existing.properties.Tags, properties.Tags);
    if (set.length > 0) await context.call('sqs', 'TagQueue', { QueueUrl, Tags: tagMap(set) });
    if (removed.length > 0) await context.call('sqs', 'UntagQueue', { QueueUrl, TagKeys: removed });
    return stateOf(QueueUrl, context);
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('sqs', 'DeleteQueue', { QueueUrl: physicalId }));
  },
};
