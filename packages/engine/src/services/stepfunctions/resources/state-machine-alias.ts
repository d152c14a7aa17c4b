import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Name: 'string',
  Description: 'string',
  RoutingConfiguration: [{ StateMachineVersionArn: 'string', Weight: 'number' }],
} as const satisfies MemberShapes;

const REQUIRED = ['RoutingConfiguration'] as const;
type AliasProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const routesOf = ({ RoutingConfiguration }: AliasProperties) =>
  RoutingConfiguration.map(({ StateMachineVersionArn, Weight }) => ({
    stateMachineVersionArn: StateMachineVersionArn,
    weight: Weight,
  }));

export const statesStateMachineAlias: ResourceType<AliasProperties> = {
  type: 'AWS::StepFunctions::StateMachineAlias',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn'],
  async create(properties, context) {
    const { stateMachineAliasArn } = await context.call<{ stateMachineAliasArn: string }>(
      'states',
      'CreateStateMachineAlias',
      {
        name: properties.Name ?? context.generateName({ maxLength: 80 }),
        ...(properties.Description === undefined ? {} : { description: properties.Description }),
        routingConfiguration: routesOf(properties),
      },
    );
    return { physicalId: stateMachineAliasArn, attributes: { Arn: stateMachineAliasArn } };
  },
  async update({ physicalId, attributes }, properties, context) {
    await context.call('states', 'UpdateStateMachineAlias', {
      stateMachineAliasArn: physicalId,
      description: properties.Description ?? '',
      routingConfiguration: routesOf(properties),
    });
    return { physicalId, attributes };
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('states', 'DeleteStateMachineAlias', { stateMachineAliasArn: physicalId }));
  },
};
