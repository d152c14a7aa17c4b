import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  FilterName: 'string',
  FilterPattern: 'string',
  LogGroupName: 'string',
  MetricTransformations: [
    {
      DefaultValue: 'number',
      Dimensions: [{ Key: 'string', Value: 'string' }],
      MetricName: 'string',
      MetricNamespace: 'string',
      MetricValue: 'string',
      Unit: 'string',
    },
  ],
} as const satisfies MemberShapes;

const REQUIRED = ['FilterPattern', 'LogGroupName', 'MetricTransformations'] as const;
type MetricFilterProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (filterName: string, properties: MetricFilterProperties, context: ResourceContext) => {
  await context.call('logs', 'PutMetricFilter', {
    logGroupName: properties.LogGroupName,
    filterName,
    filterPattern: properties.FilterPattern,
    metricTransformations: properties.MetricTransformations.map((wanted) => ({
      metricName: wanted.MetricName,
      metricNamespace: wanted.MetricNamespace,
      metricValue: wanted.MetricValue,
      ...(wanted.DefaultValue === undefined ? {} : { defaultValue: wanted.DefaultValue }),
      ...(wanted.Unit === undefined ? {} : { unit: wanted.Unit }),
      ...(wanted.Dimensions === undefined
        ? {}
        : { dimensions: Object.fromEntries(wanted.Dimensions.map(({ Key, Value }) => [Key, Value])) }),
    })),
  });
  return { physicalId: filterName, attributes: {} };
};

export const logsMetricFilter: ResourceType<MetricFilterProperties> = {
  type: 'AWS::Logs::MetricFilter',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['FilterName', 'LogGroupName'],
  attributes: [],
  create: (properties, context) => put(properties.FilterName ?? context.generateName(), properties, context),
  update: ({ physicalId }, properties, context) => put(physicalId, properties, context),
  async delete({ physicalId: filterName, properties: { LogGroupName: logGroupName } }, context) {
    await unlessMissing(context.call('logs', 'DeleteMetricFilter', { logGroupName, filterName }));
  },
};
