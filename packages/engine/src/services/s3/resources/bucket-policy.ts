import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';

const SHAPE = { Bucket: 'string', PolicyDocument: 'json' } as const satisfies MemberShapes;

const REQUIRED = ['Bucket', 'PolicyDocument'] as const;
type BucketPolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async ({ Bucket, PolicyDocument }: BucketPolicyProperties, context: ResourceContext) => {
  await context.call('s3', 'PutBucketPolicy', { Bucket, Policy: documentText(PolicyDocument) });
  return { physicalId: Bucket, attributes: {} };
};

export const s3BucketPolicy: ResourceType<BucketPolicyProperties> = {
  type: 'AWS::S3::BucketPolicy',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Bucket'],
  attributes: [],
  create: put,
  update: (_, properties, context) => put(properties, context),
  async delete({ properties }, context) {
    await unlessMissing(context.call('s3', 'DeleteBucketPolicy', { Bucket: properties.Bucket }));
  },
};
