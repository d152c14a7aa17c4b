import { makeArn } from '@holdfast/aws-model';
import { type MemberShapes, type PropertiesOf, pick, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Name: 'string',
  ProtocolType: 'string',
  Description: 'string',
  CorsConfiguration: {
    AllowCredentials: 'boolean',
    AllowHeaders: ['string'],
    AllowMethods: ['string'],
    AllowOrigins: ['string'],
    ExposeHeaders: ['string'],
    MaxAge: 'number',
  },
  CredentialsArn: 'string',
  DisableExecuteApiEndpoint: 'boolean',
  IpAddressType: 'string',
  RouteKey: 'string',
  RouteSelectionExpression: 'string',
  Target: 'string',
  Version: 'string',
  Tags: { map: 'string' },
} as const satisfies MemberShapes;

type ApiProperties = PropertiesOf<typeof SHAPE>;

interface Described {
  readonly ApiId: string;
  readonly ApiEndpoint: string;
}

const stateOf = ({ ApiId, ApiEndpoint }: Described) => ({ physicalId: ApiId, attributes: { ApiId, ApiEndpoint } });

const SETTINGS = [
  'Name',
  'Description',
  'CorsConfiguration',
  'DisableExecuteApiEndpoint',
  'IpAddressType',
  'RouteSelectionExpression',
  'Version',
] as const;

/** Text that a template takes away goes back to nothing. */
const cleared = (before: ApiProperties, after: ApiProperties): object =>
  Object.fromEntries(
    (['Description', 'Version'] as const)
      .filter((name) => before[name] !== undefined && after[name] === undefined)
      .map((name) => [name, '']),
  );

export const api: ResourceType<ApiProperties> = {
  type: 'AWS::ApiGatewayV2::Api',
  properties: SHAPE,
  createOnly: ['ProtocolType', 'Target', 'RouteKey', 'CredentialsArn'],
  attributes: ['ApiId', 'ApiEndpoint'],
  hasSystemTags: true,
  async create(properties, context) {
    return stateOf(await context.call<Described>('apigatewayv2', 'CreateApi', properties));
  },
  async update(existing, properties, context) {
    const ApiId = existing.physicalId;
    if (existing.properties.CorsConfiguration !== undefined && properties.CorsConfiguration === undefined) {
      await context.call('apigatewayv2', 'DeleteCorsConfiguration', { ApiId });
    }
    const DisableExecuteApiEndpoint = properties.DisableExecuteApiEndpoint ?? false;
    const input = {
      ApiId,
      DisableExecuteApiEndpoint,
      ...pick(properties, ...SETTINGS),
      ...cleared(existing.properties, properties),
    };
    const described = await context.call<Described>('apigatewayv2', 'UpdateApi', input);
    const ResourceArn = makeArn('apigateway', context.region, '', `/apis/${ApiId}`);
    const [before, after] = [existing.properties.Tags ?? {}, properties.Tags ?? {}];
    const TagKeys = Object.keys(before).filter((key) => after[key] === undefined);
    if (TagKeys.length > 0) await context.call('apigatewayv2', 'UntagResource', { ResourceArn, TagKeys });
    if (Object.keys(after).length > 0) await context.call('apigatewayv2', 'TagResource', { ResourceArn, Tags: after });
    return stateOf(described);
  },
  async delete({ physicalId: ApiId }, context) {
    await unlessMissing(context.call('apigatewayv2', 'DeleteApi', { ApiId }));
  },
};
