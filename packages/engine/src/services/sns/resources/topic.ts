import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  TopicName: 'string',
  FifoTopic: 'boolean',
  ContentBasedDeduplication: 'boolean',
  DeliveryStatusLogging: [
    {
      Protocol: 'string',
      SuccessFeedbackRoleArn: 'string',
      SuccessFeedbackSampleRate: 'string',
      FailureFeedbackRoleArn: 'string',
    },
  ],
  DisplayName: 'string',
  KmsMasterKeyId: 'string',
  SignatureVersion: 'string',
  Subscription: [{ Endpoint: 'string', Protocol: 'string' }],
  Tags: TAGS,
  TracingConfig: 'string',
} as const satisfies MemberShapes;

type TopicProperties = PropertiesOf<typeof SHAPE>;

const ATTRIBUTE_DEFAULTS = {
  ContentBasedDeduplication: 'false',
  DisplayName: '',
  KmsMasterKeyId: '',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
} as const;

type AttributeName = keyof typeof ATTRIBUTE_DEFAULTS;

/** How attributes that log deliveries begin, by the protocol that templates name. */
const LOGGED_KIND: Readonly<Record<string, string>> = {
  'http/s': 'HTTP',
  lambda: 'Lambda',
  sqs: 'SQS',
  firehose: 'Firehose',
  application: 'Application',
};

const loggingAttributes = (entries: TopicProperties['DeliveryStatusLogging'] = []): [string, string][] =>
  entries.flatMap(({ Protocol, ...settings }) =>
    Object.entries(settings).map(([name, value]): [string, string] => [
      `${LOGGED_KIND[Protocol ?? ''] ?? Protocol}${name}`,
      String(value),
    ]),
  );

const attributesOf = (properties: TopicProperties): Record<string, string> => ({
  ...Object.fromEntries(
    (Object.keys(ATTRIBUTE_DEFAULTS) as AttributeName[])
      .filter((name) => properties[name] !== undefined)
      .map((name) => [name, String(properties[name])]),
  ),
  ...Object.fromEntries(loggingAttributes(properties.DeliveryStatusLogging)),
});

const subscribe = async (
  TopicArn: string,
  subscriptions: NonNullable<TopicProperties['Subscription']>,
  context: ResourceContext,
) => {
  for (const { Endpoint, Protocol } of subscriptions) {
    await context.call('sns', 'Subscribe', { TopicArn, Endpoint, Protocol });
  }
};

/** `DisplayName` is documented as a property alone, and was recorded as an attribute. */
const stateOf = (TopicArn: string, { DisplayName = '' }: TopicProperties) => ({
  physicalId: TopicArn,
  attributes: { DisplayName, TopicArn, TopicName: TopicArn.slice(TopicArn.lastIndexOf(':') + 1) },
});

export const snsTopic: ResourceType<TopicProperties> = {
  type: 'AWS::SNS::Topic',
  properties: SHAPE,
  // Inline subscriptions are bound to the topic's life: changing them makes a new topic here.
  createOnly: ['TopicName', 'FifoTopic', 'Subscription'],
  nameProperty: 'TopicName',
  attributes: ['DisplayName', 'TopicArn', 'TopicName'],
  hasSystemTags: true,
  async create(properties, context) {
    const isFifo = properties.FifoTopic === true;
    const Attributes = { ...attributesOf(properties), ...(isFifo ? { FifoTopic: 'true' } : {}) };
    const { TopicArn } = await context.call<{ TopicArn: string }>('sns', 'CreateTopic', {
      Name: properties.TopicName ?? context.generateName({ maxLength: 256, suffix: isFifo ? '.fifo' : '' }),
      ...(Object.keys(Attributes).length === 0 ? {} : { Attributes }),
      ...(properties.Tags === undefined ? {} : { Tags: properties.Tags }),
    });
    await subscribe(TopicArn, properties.Subscription ?? [], context);
    return stateOf(TopicArn, properties);
  },
  async update(existing, properties, context) {
    const TopicArn = existing.physicalId;
    const [before, wanted] = [attributesOf(existing.properties), attributesOf(properties)];
    for (const name of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
      if (before[name] === wanted[name]) continue;
      await context.call('sns', 'SetTopicAttributes', {
        TopicArn,
        AttributeName: name,
        AttributeValue: wanted[name] ?? ATTRIBUTE_DEFAULTS[name as AttributeName] ?? '',
      });
    }
    const { set, removed } = tagChanges(existing.properties.Tags, properties.Tags);
    if (set.length > 0) await context.call('sns', 'TagResource', { ResourceArn: TopicArn, Tags: set });
    if (removed.length > 0) await context.call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys: removed });
    return stateOf(TopicArn, properties);
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('sns', 'DeleteTopic', { TopicArn: physicalId }));
  },
};
