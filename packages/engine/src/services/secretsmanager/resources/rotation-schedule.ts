import { type MemberShapes, type PropertiesOf, pick, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  RotateImmediatelyOnUpdate: 'boolean',
  RotationLambdaARN: 'string',
  RotationRules: { AutomaticallyAfterDays: 'number', Duration: 'string', ScheduleExpression: 'string' },
  SecretId: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['SecretId'] as const;
type ScheduleProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const rotate = (properties: ScheduleProperties) => ({
  ...pick(properties, 'SecretId', 'RotationLambdaARN', 'RotationRules'),
  RotateImmediately: properties.RotateImmediatelyOnUpdate ?? true,
});

export const rotationSchedule: ResourceType<ScheduleProperties> = {
  type: 'AWS::SecretsManager::RotationSchedule',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['SecretId'],
  attributes: ['Id'],
  async create(properties, context) {
    const { ARN } = await context.call<{ ARN: string }>('secretsmanager', 'RotateSecret', rotate(properties));
    return { physicalId: ARN, attributes: { Id: ARN } };
  },
  async update({ physicalId, attributes }, properties, context) {
    await context.call('secretsmanager', 'RotateSecret', rotate(properties));
    return { physicalId, attributes };
  },
  async delete({ physicalId: SecretId }, context) {
    await unlessMissing(context.call('secretsmanager', 'CancelRotateSecret', { SecretId }));
  },
};
