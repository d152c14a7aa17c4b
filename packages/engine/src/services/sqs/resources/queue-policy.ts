import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';

const SHAPE = { PolicyDocument: 'json', Queues: ['string'] } as const satisfies MemberShapes;

const REQUIRED = ['PolicyDocument', 'Queues'] as const;
type QueuePolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const set = async (queues: readonly string[], policy: string, context: ResourceContext): Promise<void> => {
  for (const QueueUrl of queues) {
    await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy: policy } });
  }
};

export const sqsQueuePolicy: ResourceType<QueuePolicyProperties> = {
  type: 'AWS::SQS::QueuePolicy',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['Id'],
  async create({ PolicyDocument, Queues }, context) {
    await set(Queues, documentText(PolicyDocument), context);
    const physicalId = context.generateName();
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update({ physicalId, attributes, properties }, { PolicyDocument, Queues }, context) {
    await set(
      properties.Queues.filter((queue) => !Queues.includes(queue)),
      '',
      context,
    );
    await set(Queues, documentText(PolicyDocument), context);
    return { physicalId, attributes };
  },
  async delete({ properties }, context) {
    for (const queue of properties.Queues) await unlessMissing(set([queue], '', context));
  },
};
