import type { ResourceContext, ResourceType, Tag } from '../../../core/index.ts';
import { TAGS, unlessMissing } from '../../../core/index.ts';

interface DashboardProperties {
  readonly DashboardBody: string;
  readonly DashboardName?: string;
  readonly Tags?: readonly Tag[];
}

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
  properties: { DashboardBody: 'string', DashboardName: 'string', Tags: TAGS },
  required: ['DashboardBody'],
  createOnly: ['DashboardName'],
  nameProperty: 'DashboardName',
  attributes: [],
  create: (properties, context) => put(properties.DashboardName ?? context.generateName(), properties, context),
  update: ({ physicalId }, properties, context) => put(physicalId, properties, context),
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('cloudwatch', 'DeleteDashboards', { DashboardNames: [physicalId] }));
  },
};
