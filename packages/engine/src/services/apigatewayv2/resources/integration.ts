import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  ApiId: 'string',
  ConnectionType: 'string',
  CredentialsArn: 'string',
  Description: 'string',
  IntegrationMethod: 'string',
  IntegrationSubtype: 'string',
  IntegrationType: 'string',
  IntegrationUri: 'string',
  PayloadFormatVersion: 'string',
  RequestParameters: { map: 'string' },
  TimeoutInMillis: 'number',
} as const satisfies MemberShapes;

const REQUIRED = ['ApiId', 'IntegrationType'] as const;
type IntegrationProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = (IntegrationId: string) => ({ physicalId: IntegrationId, attributes: { IntegrationId } });

export const integration: ResourceType<IntegrationProperties> = {
  type: 'AWS::ApiGatewayV2::Integration',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['ApiId', 'IntegrationType', 'IntegrationSubtype'],
  attributes: ['IntegrationId'],
  async create(properties, context) {
    const made = await context.call<{ IntegrationId: string }>('apigatewayv2', 'CreateIntegration', properties);
    return stateOf(made.IntegrationId);
  },
  async update({ physicalId: IntegrationId, properties: before }, properties, context) {
    const { RequestParameters: after = {} } = properties;
    // An empty text takes a parameter away.
    const gone = Object.keys(before.RequestParameters ?? {}).filter((name) => after[name] === undefined);
    const RequestParameters = { ...after, ...Object.fromEntries(gone.map((name) => [name, ''])) };
    await context.call('apigatewayv2', 'UpdateIntegration', {
      ...properties,
      IntegrationId,
      ...(Object.keys(RequestParameters).length === 0 ? {} : { RequestParameters }),
    });
    return stateOf(IntegrationId);
  },
  async delete({ physicalId: IntegrationId, properties: { ApiId } }, context) {
    await unlessMissing(context.call('apigatewayv2', 'DeleteIntegration', { ApiId, IntegrationId }));
  },
};
