import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  CompatibleArchitectures: ['string'],
  CompatibleRuntimes: ['string'],
  Content: { S3Bucket: 'string', S3Key: 'string', S3ObjectVersion: 'string' },
  Description: 'string',
  LayerName: 'string',
  LicenseInfo: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['Content'] as const;
type LayerVersionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** Every change publishes another version, and the one before it goes. */
export const lambdaLayerVersion: ResourceType<LayerVersionProperties> = {
  type: 'AWS::Lambda::LayerVersion',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['LayerVersionArn'],
  async create(properties, context) {
    const { LayerVersionArn } = await context.call<{ LayerVersionArn: string }>('lambda', 'PublishLayerVersion', {
      LayerName: properties.LayerName ?? context.generateName({ maxLength: 64 }),
      ...pick(properties, 'CompatibleArchitectures', 'CompatibleRuntimes', 'Content', 'Description', 'LicenseInfo'),
    });
    return { physicalId: LayerVersionArn, attributes: { LayerVersionArn } };
  },
  async delete({ physicalId }, context) {
    const at = physicalId.lastIndexOf(':');
    const version = { LayerName: physicalId.slice(0, at), VersionNumber: Number(physicalId.slice(at + 1)) };
    await unlessMissing(context.call('lambda', 'DeleteLayerVersion', version));
  },
};
