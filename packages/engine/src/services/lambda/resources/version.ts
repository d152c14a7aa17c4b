import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';
import { PROVISIONED_CONCURRENCY, provisionConcurrency } from './provisioned-concurrency.ts';

const SHAPE = {
  CodeSha256: 'string',
  Description: 'string',
  FunctionName: 'string',
  ProvisionedConcurrencyConfig: PROVISIONED_CONCURRENCY,
} as const satisfies MemberShapes;

const REQUIRED = ['FunctionName'] as const;
type VersionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const lambdaVersion: ResourceType<VersionProperties> = {
  type: 'AWS::Lambda::Version',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['CodeSha256', 'Description', 'FunctionName'],
  attributes: ['FunctionArn', 'Version'],
  async create(properties, context) {
    const published = await context.call<{ FunctionArn: string; Version: string }>(
      'lambda',
      'PublishVersion',
      pick(properties, 'CodeSha256', 'Description', 'FunctionName'),
    );
    const { FunctionArn, Version } = published;
    await provisionConcurrency(context, properties.FunctionName, Version, properties.ProvisionedConcurrencyConfig);
    return { physicalId: FunctionArn, attributes: { FunctionArn, Version } };
  },
  async update(
    { physicalId, attributes, properties: before },
    { FunctionName, ProvisionedConcurrencyConfig },
    context,
  ) {
    const version = String(attributes['Version']);
    const old = before.ProvisionedConcurrencyConfig;
    await provisionConcurrency(context, FunctionName, version, ProvisionedConcurrencyConfig, old);
    return { physicalId, attributes };
  },
  async delete({ attributes, properties: { FunctionName } }, context) {
    const Qualifier = attributes['Version'];
    await unlessMissing(context.call('lambda', 'DeleteFunction', { FunctionName, Qualifier }));
  },
};
