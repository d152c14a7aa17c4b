import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { TAGS, unlessMissing } from '../../../core/index.ts';

const SHAPE = { DashboardBody: 'string', DashboardName: 'string', Tags: TAGS } as const satisfies MemberShapes;

const REQUIRED = ['DashboardBody'] as const;
type DashboardProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (DashboardName: string, { DashboardBody, Tags }: DashboardProperties, context: ResourceContext) => {
  await context.call('cloudwatch', 'PutDashboard', {
    DashboardName,
    DashboardBody,
    ...(Tags === undefined ? {} : { Tags }),
  });
  return { physicalId: DashboardName, attributes: {} };
};

export const cloudwatchDashboard: ResourceType<DashboardProperties> = {
  type: 'AWS::CloudWatch::Dashboard',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['DashboardName'],
  nameProperty: 'DashboardName',
  attributes: [],
  hasSystemTags: true,
  create: (properties, context) => put(properties.DashboardName ?? context.generateName(), properties, context),
  update: ({ physicalId }, properties, context) => put(physicalId, properties, context),
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('cloudwatch', 'DeleteDashboards', { DashboardNames: [physicalId] }));
  },
};
