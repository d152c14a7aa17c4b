import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  AuthType: 'string',
  Cors: {
    AllowCredentials: 'boolean',
    AllowHeaders: ['string'],
    AllowMethods: ['string'],
    AllowOrigins: ['string'],
    ExposeHeaders: ['string'],
    MaxAge: 'number',
  },
  InvokeMode: 'string',
  Qualifier: 'string',
  TargetFunctionArn: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['AuthType', 'TargetFunctionArn'] as const;
type UrlProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const lambdaUrl: ResourceType<UrlProperties> = {
  type: 'AWS::Lambda::Url',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Qualifier', 'TargetFunctionArn'],
  attributes: ['FunctionArn', 'FunctionUrl'],
  async create(properties, context) {
    const { FunctionArn, FunctionUrl } = await context.call<{ FunctionArn: string; FunctionUrl: string }>(
      'lambda',
      'CreateFunctionUrlConfig',
      {
        FunctionName: properties.TargetFunctionArn,
        ...pick(properties, 'AuthType', 'Cors', 'InvokeMode', 'Qualifier'),
      },
    );
    return { physicalId: FunctionArn, attributes: { FunctionArn, FunctionUrl } };
  },
  async update({ physicalId, attributes }, properties, context) {
    const { TargetFunctionArn: FunctionName, Cors = {} } = properties;
    await context.call('lambda', 'UpdateFunctionUrlConfig', {
      FunctionName,
      ...pick(properties, 'AuthType', 'InvokeMode', 'Qualifier'),
      Cors,
    });
    return { physicalId, attributes };
  },
  async delete({ properties }, context) {
    const { TargetFunctionArn: FunctionName } = properties;
    await unlessMissing(
      context.call('lambda', 'DeleteFunctionUrlConfig', { FunctionName, ...pick(properties, 'Qualifier') }),
    );
  },
};
