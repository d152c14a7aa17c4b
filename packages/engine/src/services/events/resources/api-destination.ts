import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  ConnectionArn: 'string',
  Description: 'string',
  HttpMethod: 'string',
  InvocationEndpoint: 'string',
  InvocationRateLimitPerSecond: 'number',
  Name: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['ConnectionArn', 'HttpMethod', 'InvocationEndpoint'] as const;
type ApiDestinationProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const settingsOf = (properties: ApiDestinationProperties) =>
  pick(properties, 'ConnectionArn', 'Description', 'HttpMethod', 'InvocationEndpoint', 'InvocationRateLimitPerSecond');

export const eventsApiDestination: ResourceType<ApiDestinationProperties> = {
  type: 'AWS::Events::ApiDestination',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn', 'ArnForPolicy'],
  async create(properties, context) {
    const Name = properties.Name ?? context.generateName({ maxLength: 64 });
    const { ApiDestinationArn: Arn } = await context.call<{ ApiDestinationArn: string }>(
      'events',
      'CreateApiDestination',
      { Name, ...settingsOf(properties) },
    );
    return { physicalId: Name, attributes: { Arn, ArnForPolicy: Arn.slice(0, Arn.lastIndexOf('/')) } };
  },
  async update({ physicalId: Name, attributes }, properties, context) {
    await context.call('events', 'UpdateApiDestination', { Name, Description: '', ...settingsOf(properties) });
    return { physicalId: Name, attributes };
  },
  async delete({ physicalId: Name }, context) {
    await unlessMissing(context.call('events', 'DeleteApiDestination', { Name }));
  },
};
