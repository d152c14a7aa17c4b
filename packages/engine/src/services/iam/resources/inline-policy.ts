import type { MemberShapes, ResourceContext, ResourceState, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';
import type { HolderNoun } from './grants.ts';

type InlinePolicyProperties<Noun extends HolderNoun> = { readonly [Name in `${Noun}Name`]: string } & {
  readonly PolicyName: string;
  readonly PolicyDocument?: object | string | undefined;
};

/** One inline policy of one role, user or group. What the holder has under that name already is written over. */
const inlinePolicyOf = <Noun extends HolderNoun>(noun: Noun): ResourceType<InlinePolicyProperties<Noun>> => {
  const holder = `${noun}Name` as const;
  const put = async (properties: InlinePolicyProperties<Noun>, { call }: ResourceContext): Promise<ResourceState> => {
    const { PolicyName, PolicyDocument, [holder]: name } = properties;
    const document = PolicyDocument === undefined ? {} : { PolicyDocument: documentText(PolicyDocument) };
    await call('iam', `Put${noun}Policy`, { [holder]: name, PolicyName, ...document });
    return { physicalId: `${PolicyName}|${name}`, attributes: {} };
  };
  return {
    type: `AWS::IAM::${noun}Policy`,
    properties: { PolicyDocument: 'json', PolicyName: 'string', [holder]: 'string' } satisfies MemberShapes,
    required: ['PolicyName', holder],
    createOnly: ['PolicyName', holder],
    attributes: [],
    isIam: true,
    create: put,
    update: (_existing, properties, context) => put(properties, context),
    async delete({ properties: { PolicyName, [holder]: name } }, { call }) {
      await unlessMissing(call('iam', `Delete${noun}Policy`, { [holder]: name, PolicyName }));
    },
  };
};

export const iamRolePolicy = inlinePolicyOf('Role');
export const iamUserPolicy = inlinePolicyOf('User');
export const iamGroupPolicy = inlinePolicyOf('Group');
