import type { ResourceContext } from '../../../core/index.ts';
import { documentText, sameJson, unlessMissing } from '../../../core/index.ts';

/** Who may have policies, as operations and properties name it. */
export type HolderNoun = 'Role' | 'User' | 'Group';

/** The properties of a role, a user or a group that say what it may do. */
export interface Grants {
  readonly Policies?: readonly { readonly PolicyName?: string; readonly PolicyDocument?: object }[] | undefined;
  readonly ManagedPolicyArns?: readonly string[] | undefined;
}

/** Gives somebody the policies that are wanted, and takes away those that are not any more. */
export const grant = async (
  noun: HolderNoun,
  name: string,
  before: Grants,
  wanted: Grants,
  context: ResourceContext,
): Promise<void> => {
  const iam = (action: string, input: object) => context.call('iam', action, { [`${noun}Name`]: name, ...input });
  const [oldPolicies, policies] = [before.Policies ?? [], wanted.Policies ?? []];
  for (const { PolicyName, PolicyDocument } of policies) {
    const old = oldPolicies.find((policy) => policy.PolicyName === PolicyName);
    if (old !== undefined && sameJson(old.PolicyDocument, PolicyDocument)) continue;
    await iam(`Put${noun}Policy`, { PolicyName, PolicyDocument: documentText(PolicyDocument) });
  }
  for (const { PolicyName } of oldPolicies) {
    if (!policies.some((policy) => policy.PolicyName === PolicyName))
      await unlessMissing(iam(`Delete${noun}Policy`, { PolicyName }));
  }
  const [oldArns, arns] = [before.ManagedPolicyArns ?? [], wanted.ManagedPolicyArns ?? []];
  for (const PolicyArn of arns) if (!oldArns.includes(PolicyArn)) await iam(`Attach${noun}Policy`, { PolicyArn });
  for (const PolicyArn of oldArns) {
    if (!arns.includes(PolicyArn)) await unlessMissing(iam(`Detach${noun}Policy`, { PolicyArn }));
  }
};

/** The properties of a policy that say who has it. */
export interface Holders {
  readonly Roles?: readonly string[] | undefined;
  readonly Users?: readonly string[] | undefined;
  readonly Groups?: readonly string[] | undefined;
}

/** Everybody whom a policy names. */
export const holdersOf = ({ Roles = [], Users = [], Groups = [] }: Holders) => [
  ...Roles.map((name) => ({ noun: 'Role', name }) as const),
  ...Users.map((name) => ({ noun: 'User', name }) as const),
  ...Groups.map((name) => ({ noun: 'Group', name }) as const),
];

/** Those whom the first names and the second does not. */
export const holdersWithout = (some: Holders, others: Holders) => {
  const kept = holdersOf(others);
  return holdersOf(some).filter(({ noun, name }) => !kept.some((other) => other.noun === noun && other.name === name));
};
