import type {
  CreatePolicyCommandInput,
  CreatePolicyVersionCommandInput,
  ListPoliciesCommandInput,
  Policy,
  PolicyVersion,
} from '@aws-sdk/client-iam';
import { makeArn } from '@holdfast/aws-model';
import { Constraints, notSupported, type RequestContext } from '../../core/index.ts';
import { alreadyExists, deleteConflict, limitExceeded, malformedPolicy, noSuchEntity } from './errors.ts';
import { checkNaming } from './naming.ts';
import { checkIdentityPolicy, encodeDocument } from './policy-document.ts';
import { checkPolicyArn, isAwsManaged, type Registry } from './registry.ts';
import type { StoredPolicy, StoredPolicyVersion } from './stored.ts';
import { mergedTags } from './tags.ts';

const VERSIONS_MAX = 5;
const DOCUMENT_CHARACTERS_MAX = 6_144;

/** `isListed`: descriptions and tags come with GetPolicy only. */
const describePolicy = (registry: Registry, policy: StoredPolicy, isListed = false): Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.id,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: policy.defaultVersion,
  AttachmentCount: registry.attachmentCount(policy.account, policy.arn),
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: new Date(policy.createdAt),
  UpdateDate: new Date(policy.updatedAt),
  ...(isListed || policy.description === undefined ? {} : { Description: policy.description }),
  ...(isListed ? {} : { Tags: [...policy.tags] }),
});

/** What its creation answers: without the description, and without tags where it has none. */
export const describeNewPolicy = (registry: Registry, policy: StoredPolicy): Policy => {
  const { Description: _, Tags, ...policyOut } = describePolicy(registry, policy);
  return policy.tags.length === 0 ? policyOut : { ...policyOut, Tags };
};

/** AWS maintains these since 2015 or later; only what the ARN says is known here. */
const describeAwsManaged = (registry: Registry, account: string, policyArn: string): Policy => {
  const resource = policyArn.slice('arn:aws:iam::aws:policy'.length);
  const cut = resource.lastIndexOf('/') + 1;
  return {
    PolicyName: resource.slice(cut),
    Arn: policyArn,
    Path: resource.slice(0, cut),
    DefaultVersionId: 'v1',
    AttachmentCount: registry.attachmentCount(account, policyArn),
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: new Date(Date.UTC(2015, 1, 6)),
    UpdateDate: new Date(Date.UTC(2015, 1, 6)),
  };
};

const checkDocument = (document: string): void => {
  checkIdentityPolicy(document);
  if (document.replaceAll(/\s/g, '').length > DOCUMENT_CHARACTERS_MAX) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${DOCUMENT_CHARACTERS_MAX}`);
  }
};

export const createPolicy = (
  registry: Registry,
  input: CreatePolicyCommandInput,
  { account, now }: RequestContext,
  id: string,
): StoredPolicy => {
  checkNaming(new Constraints(), 'policyName', input.PolicyName, input.Path, 128)
    .required('policyDocument', input.PolicyDocument)
    .length('description', input.Description, 0, 1000)
    .check('ValidationError');
  const document = input.PolicyDocument as string;
  if (document === '') throw malformedPolicy('Syntax errors in policy.');
  checkDocument(document);
  const name = input.PolicyName as string;
  const path = input.Path ?? '/';
  const arn = makeArn('iam', '', account, `policy${path}${name}`);
  if (registry.findPolicy(arn) !== undefined) {
    throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  const policy: StoredPolicy = {
    account,
    name,
    path,
    id,
    arn,
    createdAt: now,
    updatedAt: now,
    description: input.Description,
    tags: mergedTags([], input.Tags),
    defaultVersion: 'v1',
    versions: [{ id: 'v1', document, createdAt: now }],
    nextVersion: 2,
  };
  registry.putPolicy(policy);
  return policy;
};

export const getPolicy = (registry: Registry, context: RequestContext, policyArn: string | undefined): Policy => {
  checkPolicyArn(policyArn);
  if (isAwsManaged(policyArn as string)) return describeAwsManaged(registry, context.account, policyArn as string);
  return describePolicy(registry, registry.policy(context, policyArn));
};

export const deletePolicy = (registry: Registry, policy: StoredPolicy): void => {
  if (registry.attachmentCount(policy.account, policy.arn) > 0) {
    throw deleteConflict('Cannot delete a policy attached to entities.');
  }
  if (policy.versions.length > 1) {
    throw deleteConflict(
      'This policy has more than one version. Before you delete a policy, you must delete the ' +
        "policy's versions. The default version is deleted with the policy.",
    );
  }
  registry.deletePolicy(policy);
};

export const describeVersion = (
  policy: StoredPolicy,
  version: StoredPolicyVersion,
  isListed: boolean,
): PolicyVersion => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === policy.defaultVersion,
  CreateDate: new Date(version.createdAt),
  ...(isListed ? {} : { Document: encodeDocument(version.document) }),
});

export const findVersion = (policy: StoredPolicy, versionId: string | undefined): StoredPolicyVersion => {
  new Constraints()
    .required('versionId', versionId)
    .pattern('versionId', versionId, /^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$/, 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?')
    .check('ValidationError');
  const version = policy.versions.find(({ id }) => id === versionId);
  if (version === undefined) {
    throw noSuchEntity(`Policy ${policy.arn} version ${versionId} does not exist or is not attachable.`);
  }
  return version;
};

/** The document of an AWS managed policy is AWS's own and not part of this program. */
export const refuseAwsManaged = (policyArn: string | undefined): void => {
  if (policyArn !== undefined && isAwsManaged(policyArn)) {
    throw notSupported(`the document of the AWS managed policy ${policyArn}`);
  }
};

export const createVersion = (
  registry: Registry,
  policy: StoredPolicy,
  input: CreatePolicyVersionCommandInput,
  now: number,
): { readonly policy: StoredPolicy; readonly version: StoredPolicyVersion } => {
  new Constraints().required('policyDocument', input.PolicyDocument).check('ValidationError');
  checkDocument(input.PolicyDocument as string);
  if (policy.versions.length >= VERSIONS_MAX) {
    throw limitExceeded(
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    );
  }
  const version = { id: `v${policy.nextVersion}`, document: input.PolicyDocument as string, createdAt: now };
  const changed: StoredPolicy = {
    ...policy,
    updatedAt: now,
    versions: [...policy.versions, version],
    nextVersion: policy.nextVersion + 1,
    defaultVersion: input.SetAsDefault === true ? version.id : policy.defaultVersion,
  };
  registry.putPolicy(changed);
  return { policy: changed, version };
};

export const deleteVersion = (registry: Registry, policy: StoredPolicy, versionId: string | undefined): void => {
  const version = findVersion(policy, versionId);
  if (version.id === policy.defaultVersion) throw deleteConflict('Cannot delete the default version of a policy.');
  registry.putPolicy({ ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) });
};

/** AWS managed policies appear only where somebody of the account has them attached. */
export const listPolicies = (
  registry: Registry,
  input: ListPoliciesCommandInput,
  context: RequestContext,
): Policy[] => {
  new Constraints().oneOf('scope', input.Scope, ['All', 'AWS', 'Local']).check('ValidationError');
  const own =
    input.Scope === 'AWS' ? [] : registry.policiesOf(context).map((policy) => describePolicy(registry, policy, true));
  const attached = new Set(registry.holdersOf(context).flatMap(({ attached }) => attached));
  const managed =
    input.Scope === 'Local'
      ? []
      : [...attached].filter(isAwsManaged).map((arn) => describeAwsManaged(registry, context.account, arn));
  return [...managed, ...own]
    .filter((policy) => policy.Path?.startsWith(input.PathPrefix ?? '/'))
    .filter((policy) => input.OnlyAttached !== true || (policy.AttachmentCount ?? 0) > 0)
    .sort((a, b) => ((a.Arn as string) < (b.Arn as string) ? -1 : 1));
};
