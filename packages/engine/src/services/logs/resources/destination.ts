import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, TAGS, tagMap, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  DestinationName: 'string',
  DestinationPolicy: 'string',
  RoleArn: 'string',
  Tags: TAGS,
  TargetArn: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['DestinationName', 'RoleArn', 'TargetArn'] as const;
type DestinationProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (properties: DestinationProperties, context: ResourceContext) => {
  const { DestinationName: destinationName, DestinationPolicy, RoleArn, Tags, TargetArn } = properties;
  await context.call('logs', 'PutDestination', {
    destinationName,
    targetArn: TargetArn,
    roleArn: RoleArn,
    ...(Tags === undefined ? {} : { tags: tagMap(Tags) }),
  });
  if (DestinationPolicy !== undefined) {
    await context.call('logs', 'PutDestinationPolicy', { destinationName, accessPolicy: DestinationPolicy });
  }
  return {
    physicalId: destinationName,
    attributes: { Arn: arnIn(context, 'logs', `destination:${destinationName}`) },
  };
};

export const logsDestination: ResourceType<DestinationProperties> = {
  type: 'AWS::Logs::Destination',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['DestinationName'],
  nameProperty: 'DestinationName',
  attributes: ['Arn'],
  hasSystemTags: true,
  create: put,
  update: (_, properties, context) => put(properties, context),
  async delete({ physicalId: destinationName }, context) {
    await unlessMissing(context.call('logs', 'DeleteDestination', { destinationName }));
  },
};
