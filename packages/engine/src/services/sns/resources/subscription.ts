import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Endpoint: 'string',
  Protocol: 'string',
  TopicArn: 'string',
  DeliveryPolicy: 'json',
  FilterPolicy: 'json',
  FilterPolicyScope: 'string',
  RawMessageDelivery: 'boolean',
  RedrivePolicy: 'json',
} as const satisfies MemberShapes;

const REQUIRED = ['Protocol', 'TopicArn'] as const;
type SubscriptionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** In this order: a policy is judged by the scope that is in force. */
const ATTRIBUTES = [
  'RawMessageDelivery',
  'FilterPolicyScope',
  'FilterPolicy',
  'DeliveryPolicy',
  'RedrivePolicy',
] as const;

const REMOVED: Readonly<Record<(typeof ATTRIBUTES)[number], string>> = {
  RawMessageDelivery: 'false',
  FilterPolicyScope: 'MessageAttributes',
  FilterPolicy: '{}',
  DeliveryPolicy: '{}',
  RedrivePolicy: '{}',
};

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const attributesOf = (properties: SubscriptionProperties): Record<string, string> =>
  Object.fromEntries(
    ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => [name, textOf(properties[name])]),
  );

export const snsSubscription: ResourceType<SubscriptionProperties> = {
  type: 'AWS::SNS::Subscription',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Endpoint', 'Protocol', 'TopicArn'],
  attributes: ['Arn'],
  async create(properties, context) {
    const Attributes = attributesOf(properties);
    const { SubscriptionArn } = await context.call<{ SubscriptionArn: string }>('sns', 'Subscribe', {
      TopicArn: properties.TopicArn,
      Protocol: properties.Protocol,
      ...(properties.Endpoint === undefined ? {} : { Endpoint: properties.Endpoint }),
      ...(Object.keys(Attributes).length === 0 ? {} : { Attributes }),
      ReturnSubscriptionArn: true,
    });
    return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
  },
  async update({ physicalId, attributes, properties: before }, properties, context) {
    const [old, wanted] = [attributesOf(before), attributesOf(properties)];
    for (const name of ATTRIBUTES) {
      if (old[name] === wanted[name]) continue;
      await context.call('sns', 'SetSubscriptionAttributes', {
        SubscriptionArn: physicalId,
        AttributeName: name,
        AttributeValue: wanted[name] ?? REMOVED[name],
      });
    }
    return { physicalId, attributes };
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('sns', 'Unsubscribe', { SubscriptionArn: physicalId }));
  },
};
