import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';

const SHAPE = { PolicyDocument: 'json', Topics: ['string'] } as const satisfies MemberShapes;

const REQUIRED = ['PolicyDocument', 'Topics'] as const;
type TopicPolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const set = async (topics: readonly string[], policy: string, context: ResourceContext): Promise<void> => {
  for (const TopicArn of topics) {
    await context.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: policy });
  }
};

/** What a topic has without a policy of its own: its account may do everything with it. */
const defaultPolicy = (topicArn: string, { account }: ResourceContext): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'SNS:GetTopicAttributes',
          'SNS:SetTopicAttributes',
          'SNS:AddPermission',
          'SNS:RemovePermission',
          'SNS:DeleteTopic',
          'SNS:Subscribe',
          'SNS:ListSubscriptionsByTopic',
          'SNS:Publish',
        ],
        Resource: topicArn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });

export const snsTopicPolicy: ResourceType<TopicPolicyProperties> = {
  type: 'AWS::SNS::TopicPolicy',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['Id'],
  async create({ PolicyDocument, Topics }, context) {
    await set(Topics, documentText(PolicyDocument), context);
    const physicalId = context.generateName();
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update({ physicalId, attributes, properties }, { PolicyDocument, Topics }, context) {
    for (const topic of properties.Topics.filter((name) => !Topics.includes(name))) {
      await set([topic], defaultPolicy(topic, context), context);
    }
    await set(Topics, documentText(PolicyDocument), context);
    return { physicalId, attributes };
  },
  async delete({ properties }, context) {
    for (const topic of properties.Topics) {
      await unlessMissing(set([topic], defaultPolicy(topic, context), context));
    }
  },
};
