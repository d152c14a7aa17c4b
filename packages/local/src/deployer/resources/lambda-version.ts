import { unlessMissing } from '../failure-reason.ts';
import type { ResourceType } from '../resource-type.ts';
import { pick } from './properties.ts';

interface VersionProperties {
  readonly CodeSha256?: string;
  readonly Description?: string;
  readonly FunctionName: string;
}

export const lambdaVersion: ResourceType<VersionProperties> = {
  type: 'AWS::Lambda::Version',
  properties: { CodeSha256: 'string', Description: 'string', FunctionName: 'string' },
  required: ['FunctionName'],
  attributes: ['FunctionArn', 'Version'],
  async create(properties, context) {
    const published = await context.call<{ FunctionArn: string; Version: string }>(
      'lambda',
      'PublishVersion',
      pick(properties, 'CodeSha256', 'Description', 'FunctionName'),
    );
    const { FunctionArn, Version } = published;
    return { physicalId: FunctionArn, attributes: { FunctionArn, Version } };
  },
  async delete({ attributes, properties: { FunctionName } }, context) {
    const Qualifier = attributes['Version'];
    await unlessMissing(context.call('lambda', 'DeleteFunction', { FunctionName, Qualifier }));
  },
};
