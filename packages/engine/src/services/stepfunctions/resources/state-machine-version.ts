import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  StateMachineArn: 'string',
  StateMachineRevisionId: 'string',
  Description: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['StateMachineArn'] as const;
type VersionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const statesStateMachineVersion: ResourceType<VersionProperties> = {
  type: 'AWS::StepFunctions::StateMachineVersion',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['StateMachineArn', 'StateMachineRevisionId', 'Description'],
  attributes: ['Arn'],
  async create({ StateMachineArn, StateMachineRevisionId, Description }, context) {
    const published = await context.call<{ stateMachineVersionArn: string }>('states', 'PublishStateMachineVersion', {
      stateMachineArn: StateMachineArn,
      ...(StateMachineRevisionId === undefined ? {} : { revisionId: StateMachineRevisionId }),
      ...(Description === undefined ? {} : { description: Description }),
    });
    const arn = published.stateMachineVersionArn;
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  async update({ physicalId, attributes }) {
    return { physicalId, attributes };
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('states', 'DeleteStateMachineVersion', { stateMachineVersionArn: physicalId }));
  },
};
