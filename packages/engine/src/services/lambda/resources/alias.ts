import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';
import { PROVISIONED_CONCURRENCY, provisionConcurrency } from './provisioned-concurrency.ts';

const SHAPE = {
  Description: 'string',
  FunctionName: 'string',
  FunctionVersion: 'string',
  Name: 'string',
  ProvisionedConcurrencyConfig: PROVISIONED_CONCURRENCY,
  RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: 'string', FunctionWeight: 'number' }] },
} as const satisfies MemberShapes;

const REQUIRED = ['FunctionName', 'FunctionVersion', 'Name'] as const;
type AliasProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** A template lists the weights, the API maps versions to them. */
const routingOf = ({ RoutingConfig }: AliasProperties): object => ({
  AdditionalVersionWeights: Object.fromEntries(
    (RoutingConfig?.AdditionalVersionWeights ?? []).map(({ FunctionVersion, FunctionWeight }) => [
      FunctionVersion,
      FunctionWeight,
    ]),
  ),
});

export const lambdaAlias: ResourceType<AliasProperties> = {
  type: 'AWS::Lambda::Alias',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['FunctionName', 'Name'],
  nameProperty: 'Name',
  attributes: ['AliasArn'],
  async create(properties, context) {
    const { AliasArn } = await context.call<{ AliasArn: string }>('lambda', 'CreateAlias', {
      ...pick(properties, 'Description', 'FunctionName', 'FunctionVersion', 'Name'),
      RoutingConfig: routingOf(properties),
    });
    const { FunctionName, Name, ProvisionedConcurrencyConfig } = properties;
    await provisionConcurrency(context, FunctionName, Name, ProvisionedConcurrencyConfig);
    return { physicalId: AliasArn, attributes: { AliasArn } };
  },
  async update({ physicalId, attributes, properties: before }, properties, context) {
    const { FunctionName, Name, FunctionVersion, Description = '' } = properties;
    const RoutingConfig = routingOf(properties);
    await context.call('lambda', 'UpdateAlias', { FunctionName, Name, FunctionVersion, Description, RoutingConfig });
    const { ProvisionedConcurrencyConfig: config } = properties;
    await provisionConcurrency(context, FunctionName, Name, config, before.ProvisionedConcurrencyConfig);
    return { physicalId, attributes };
  },
  async delete({ properties: { FunctionName, Name } }, context) {
    await unlessMissing(context.call('lambda', 'DeleteAlias', { FunctionName, Name }));
  },
};
