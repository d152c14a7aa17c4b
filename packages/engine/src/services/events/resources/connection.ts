import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const PARAMETERS = [{ IsValueSecret: 'boolean', Key: 'string', Value: 'string' }] as const;

const HTTP_PARAMETERS = {
  BodyParameters: PARAMETERS,
  HeaderParameters: PARAMETERS,
  QueryStringParameters: PARAMETERS,
} as const;

const SHAPE = {
  AuthorizationType: 'string',
  AuthParameters: {
    ApiKeyAuthParameters: { ApiKeyName: 'string', ApiKeyValue: 'string' },
    BasicAuthParameters: { Password: 'string', Username: 'string' },
    InvocationHttpParameters: HTTP_PARAMETERS,
    OAuthParameters: {
      AuthorizationEndpoint: 'string',
      ClientParameters: { ClientID: 'string', ClientSecret: 'string' },
      HttpMethod: 'string',
      OAuthHttpParameters: HTTP_PARAMETERS,
    },
  },
  Description: 'string',
  Name: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['AuthorizationType', 'AuthParameters'] as const;
type ConnectionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = async (Name: string, context: ResourceContext) => {
  const { ConnectionArn, SecretArn } = await context.call<{ ConnectionArn: string; SecretArn: string }>(
    'events',
    'DescribeConnection',
    { Name },
  );
  const ArnForPolicy = ConnectionArn.slice(0, ConnectionArn.lastIndexOf('/'));
  return { physicalId: Name, attributes: { Arn: ConnectionArn, ArnForPolicy, SecretArn } };
};

export const eventsConnection: ResourceType<ConnectionProperties> = {
  type: 'AWS::Events::Connection',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn', 'ArnForPolicy', 'SecretArn'],
  async create(properties, context) {
    const Name = properties.Name ?? context.generateName({ maxLength: 64 });
    await context.call('events', 'CreateConnection', {
      Name,
      ...pick(properties, 'AuthorizationType', 'AuthParameters', 'Description'),
    });
    return stateOf(Name, context);
  },
  async update({ physicalId: Name }, properties, context) {
    await context.call('events', 'UpdateConnection', {
      Name,
      Description: '',
      ...pick(properties, 'AuthorizationType', 'AuthParameters', 'Description'),
    });
    return stateOf(Name, context);
  },
  async delete({ physicalId: Name }, context) {
    await unlessMissing(context.call('events', 'DeleteConnection', { Name }));
  },
};
