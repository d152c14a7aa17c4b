import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  DestinationArn: 'string',
  Distribution: 'string',
  FilterName: 'string',
  FilterPattern: 'string',
  LogGroupName: 'string',
  RoleArn: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['DestinationArn', 'FilterPattern', 'LogGroupName'] as const;
type SubscriptionFilterProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (filterName: string, properties: SubscriptionFilterProperties, context: ResourceContext) => {
  const { DestinationArn, Distribution, FilterPattern, LogGroupName, RoleArn } = properties;
  await context.call('logs', 'PutSubscriptionFilter', {
    logGroupName: LogGroupName,
    filterName,
    filterPattern: FilterPattern,
    destinationArn: DestinationArn,
    ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
    ...(Distribution === undefined ? {} : { distribution: Distribution }),
  });
  return { physicalId: filterName, attributes: {} };
};

export const logsSubscriptionFilter: ResourceType<SubscriptionFilterProperties> = {
  type: 'AWS::Logs::SubscriptionFilter',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['FilterName', 'LogGroupName'],
  attributes: [],
  create: (properties, context) => put(properties.FilterName ?? context.generateName(), properties, context),
  update: ({ physicalId }, properties, context) => put(physicalId, properties, context),
  async delete({ physicalId: filterName, properties: { LogGroupName: logGroupName } }, context) {
    await unlessMissing(context.call('logs', 'DeleteSubscriptionFilter', { logGroupName, filterName }));
  },
};
