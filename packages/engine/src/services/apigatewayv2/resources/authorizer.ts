import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  ApiId: 'string',
  AuthorizerCredentialsArn: 'string',
  AuthorizerPayloadFormatVersion: 'string',
  AuthorizerResultTtlInSeconds: 'number',
  AuthorizerType: 'string',
  AuthorizerUri: 'string',
  EnableSimpleResponses: 'boolean',
  IdentitySource: ['string'],
  JwtConfiguration: { Audience: ['string'], Issuer: 'string' },
  Name: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['ApiId', 'AuthorizerType', 'Name'] as const;
type AuthorizerProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = (AuthorizerId: string) => ({ physicalId: AuthorizerId, attributes: { AuthorizerId } });

export const authorizer: ResourceType<AuthorizerProperties> = {
  type: 'AWS::ApiGatewayV2::Authorizer',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['ApiId', 'AuthorizerType'],
  attributes: ['AuthorizerId'],
  async create(properties, context) {
    const made = await context.call<{ AuthorizerId: string }>('apigatewayv2', 'CreateAuthorizer', properties);
    return stateOf(made.AuthorizerId);
  },
  async update({ physicalId: AuthorizerId }, properties, context) {
    await context.call('apigatewayv2', 'UpdateAuthorizer', { ...properties, AuthorizerId });
    return stateOf(AuthorizerId);
  },
  async delete({ physicalId: AuthorizerId, properties: { ApiId } }, context) {
    await unlessMissing(context.call('apigatewayv2', 'DeleteAuthorizer', { ApiId, AuthorizerId }));
  },
};
