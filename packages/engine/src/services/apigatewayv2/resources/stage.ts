import { makeArn } from '@holdfast/aws-model';
import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SETTINGS = {
  DataTraceEnabled: 'boolean',
  DetailedMetricsEnabled: 'boolean',
  LoggingLevel: 'string',
  ThrottlingBurstLimit: 'number',
  ThrottlingRateLimit: 'number',
} as const satisfies MemberShapes;

const SHAPE = {
  ApiId: 'string',
  StageName: 'string',
  AccessLogSettings: { DestinationArn: 'string', Format: 'string' },
  AutoDeploy: 'boolean',
  DefaultRouteSettings: SETTINGS,
  DeploymentId: 'string',
  Description: 'string',
  RouteSettings: { map: SETTINGS },
  StageVariables: { map: 'string' },
  Tags: { map: 'string' },
} as const satisfies MemberShapes;

const REQUIRED = ['ApiId', 'StageName'] as const;
type StageProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = (StageName: string) => ({ physicalId: StageName, attributes: {} });

const gone = (before: object | undefined, after: object | undefined): string[] =>
  Object.keys(before ?? {}).filter((name) => !Object.hasOwn(after ?? {}, name));

export const stage: ResourceType<StageProperties> = {
  type: 'AWS::ApiGatewayV2::Stage',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['ApiId', 'StageName'],
  nameProperty: 'StageName',
  attributes: [],
  hasSystemTags: true,
  async create(properties, context) {
    await context.call('apigatewayv2', 'CreateStage', properties);
    return stateOf(properties.StageName);
  },
  async update({ physicalId: StageName, properties: before }, { Tags, ...properties }, context) {
    const { ApiId } = properties;
    const at = { ApiId, StageName };
    for (const RouteKey of gone(before.RouteSettings, properties.RouteSettings)) {
      await unlessMissing(context.call('apigatewayv2', 'DeleteRouteSettings', { ...at, RouteKey }));
    }
    if (before.AccessLogSettings !== undefined && properties.AccessLogSettings === undefined) {
      await context.call('apigatewayv2', 'DeleteAccessLogSettings', at);
    }
    const variablesGone = gone(before.StageVariables, properties.StageVariables).map((name) => [name, ''] as const);
    await context.call('apigatewayv2', 'UpdateStage', {
      AutoDeploy: false,
      DefaultRouteSettings: {},
      ...properties,
      StageVariables: { ...properties.StageVariables, ...Object.fromEntries(variablesGone) },
    });
    const ResourceArn = makeArn('apigateway', context.region, '', `/apis/${ApiId}/stages/${StageName}`);
    const TagKeys = gone(before.Tags, Tags);
    if (TagKeys.length > 0) await context.call('apigatewayv2', 'UntagResource', { ResourceArn, TagKeys });
    if (Tags !== undefined) await context.call('apigatewayv2', 'TagResource', { ResourceArn, Tags });
    return stateOf(StageName);
  },
  async delete({ physicalId: StageName, properties: { ApiId } }, context) {
    await unlessMissing(context.call('apigatewayv2', 'DeleteStage', { ApiId, StageName }));
  },
};
