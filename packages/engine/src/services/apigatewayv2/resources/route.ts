import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  ApiId: 'string',
  ApiKeyRequired: 'boolean',
  AuthorizationScopes: ['string'],
  AuthorizationType: 'string',
  AuthorizerId: 'string',
  OperationName: 'string',
  RouteKey: 'string',
  Target: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['ApiId', 'RouteKey'] as const;
type RouteProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = (RouteId: string) => ({ physicalId: RouteId, attributes: { RouteId } });

export const route: ResourceType<RouteProperties> = {
  type: 'AWS::ApiGatewayV2::Route',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['ApiId'],
  attributes: ['RouteId'],
  async create(properties, context) {
    const { RouteId } = await context.call<{ RouteId: string }>('apigatewayv2', 'CreateRoute', properties);
    return stateOf(RouteId);
  },
  async update({ physicalId: RouteId }, properties, context) {
    await context.call('apigatewayv2', 'UpdateRoute', {
      AuthorizationType: 'NONE',
      ...properties,
      AuthorizationScopes: properties.AuthorizationScopes ?? [],
      RouteId,
    });
    return stateOf(RouteId);
  },
  async delete({ physicalId: RouteId, properties: { ApiId } }, context) {
    await unlessMissing(context.call('apigatewayv2', 'DeleteRoute', { ApiId, RouteId }));
  },
};
