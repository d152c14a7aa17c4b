import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = { Serial: 'number', Status: 'string', UserName: 'string' } as const satisfies MemberShapes;

const REQUIRED = ['UserName'] as const;
type AccessKeyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** An access key of a user; another `Serial` makes another key. */
export const iamAccessKey: ResourceType<AccessKeyProperties> = {
  type: 'AWS::IAM::AccessKey',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Serial', 'UserName'],
  attributes: ['SecretAccessKey'],
  isIam: true,
  async create({ UserName, Status = 'Active' }, context) {
    const { AccessKey } = await context.call<{ AccessKey: { AccessKeyId: string; SecretAccessKey: string } }>(
      'iam',
      'CreateAccessKey',
      { UserName },
    );
    const { AccessKeyId, SecretAccessKey } = AccessKey;
    if (Status !== 'Active') await context.call('iam', 'UpdateAccessKey', { UserName, AccessKeyId, Status });
    return { physicalId: AccessKeyId, attributes: { SecretAccessKey } };
  },
  async update({ physicalId: AccessKeyId, attributes }, { UserName, Status = 'Active' }, context) {
    await context.call('iam', 'UpdateAccessKey', { UserName, AccessKeyId, Status });
    return { physicalId: AccessKeyId, attributes };
  },
  async delete({ physicalId: AccessKeyId, properties: { UserName } }, context) {
    await unlessMissing(context.call('iam', 'DeleteAccessKey', { UserName, AccessKeyId }));
  },
};
