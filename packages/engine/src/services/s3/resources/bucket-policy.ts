import type { ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';

interface BucketPolicyProperties {
  readonly Bucket: string;
  readonly PolicyDocument: object;
}

const put = async ({ Bucket, PolicyDocument }: BucketPolicyProperties, context: ResourceContext) => {
  await context.call('s3', 'PutBucketPolicy', { Bucket, Policy: documentText(PolicyDocument) });
  return { physicalId: Bucket, attributes: {} };
};

export const s3BucketPolicy: ResourceType<BucketPolicyProperties> = {
  type: 'AWS::S3::BucketPolicy',
  properties: { Bucket: 'string', PolicyDocument: 'json' },
  required: ['Bucket', 'PolicyDocument'],
  createOnly: ['Bucket'],
  attributes: [],
  create: put,
  update: (_, properties, context) => put(properties, context),
  async delete({ properties }, context) {
    await unlessMissing(context.call('s3', 'DeleteBucketPolicy', { Bucket: properties.Bucket }));
  },
};
