import type { CreateRoleCommandInput, Role, UpdateRoleCommandInput } from '@aws-sdk/client-iam';
import { makeArn } from '@holdfast/aws-model';
import { memberOf } from '@holdfast/kernel';
import { Constraints, type RequestContext } from '../../core/index.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from './errors.ts';
import { checkIdentityPolicy, checkTrustPolicy, encodeDocument } from './policy-document.ts';
import { checkPolicyArn, isAwsManaged, type Registry, type StoredRole } from './registry.ts';
import { mergedTags } from './tags.ts';

const NAME = /^[\w+=,.@-]*$/;
const PATH = /^(?:\/|\/[\u0021-\u007e]+\/)$/;
const SESSION_SECONDS_DEFAULT = 3600;
const ATTACHED_POLICIES_MAX = 10;
const INLINE_CHARACTERS_MAX = 10_240;

/** Checks what paths and names of roles and policies may look like. */
export const checkNaming = (
  constraints: Constraints,
  member: string,
  name: string | undefined,
  path: string | undefined,
  lengthMax: number,
): Constraints =>
  constraints
    .required(member, name)
    .length(member, name, 1, lengthMax)
    .pattern(member, name, NAME, '[\\w+=,.@-]+')
    .length('path', path, 1, 512)
    .pattern('path', path, PATH, '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)');

export const describeRole = (role: StoredRole): Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  MaxSessionDuration: role.maxSessionSeconds,
  ...(role.description === undefined ? {} : { Description: role.description }),
  ...(role.permissionsBoundary === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryType: 'Policy' as 'PermissionsBoundaryPolicy',
          PermissionsBoundaryArn: role.permissionsBoundary,
        },
      }),
  ...(role.tags.length === 0 ? {} : { Tags: [...role.tags] }),
});

const checkSession = (constraints: Constraints, seconds: number | undefined): Constraints =>
  constraints.range('maxSessionDuration', seconds, 3600, 43_200);

export const createRole = (
  registry: Registry,
  input: CreateRoleCommandInput,
  { account, now }: RequestContext,
  id: string,
): StoredRole => {
  const constraints = checkNaming(new Constraints(), 'roleName', input.RoleName, input.Path, 64);
  checkSession(constraints, input.MaxSessionDuration)
    .required('assumeRolePolicyDocument', input.AssumeRolePolicyDocument)
    .length('description', input.Description, 0, 1000)
    .check('ValidationError');
  const name = input.RoleName as string;
  const trustPolicy = input.AssumeRolePolicyDocument as string;
  checkTrustPolicy(trustPolicy);
  if (registry.findRole(account, name) !== undefined) {
    throw alreadyExists(`Role with name ${name} already exists.`);
  }
  const path = input.Path ?? '/';
  const role: StoredRole = {
    account,
    name,
    path,
    id,
    arn: makeArn('iam', '', account, `role${path}${name}`),
    createdAt: now,
    trustPolicy,
    description: input.Description,
    maxSessionSeconds: input.MaxSessionDuration ?? SESSION_SECONDS_DEFAULT,
    permissionsBoundary: input.PermissionsBoundary,
    tags: mergedTags([], input.Tags),
    inline: {},
    attached: [],
  };
  registry.putRole(role);
  return role;
};

export const deleteRole = (registry: Registry, role: StoredRole): void => {
  if (role.attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (Object.keys(role.inline).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
  registry.deleteRole(role);
};

export const updateRole = (registry: Registry, role: StoredRole, input: UpdateRoleCommandInput): void => {
  checkSession(new Constraints(), input.MaxSessionDuration)
    .length('description', input.Description, 0, 1000)
    .check('ValidationError');
  registry.putRole({
    ...role,
    description: input.Description ?? role.description,
    maxSessionSeconds: input.MaxSessionDuration ?? role.maxSessionSeconds,
  });
};

export const updateTrustPolicy = (registry: Registry, role: StoredRole, document: string | undefined): void => {
  new Constraints().required('policyDocument', document).check('ValidationError');
  checkTrustPolicy(document as string);
  registry.putRole({ ...role, trustPolicy: document as string });
};

export const putInlinePolicy = (
  registry: Registry,
  role: StoredRole,
  name: string | undefined,
  document: string | undefined,
): void => {
  checkNaming(new Constraints(), 'policyName', name, undefined, 128)
    .required('policyDocument', document)
    .check('ValidationError');
  checkIdentityPolicy(document as string);
  const inline = { ...role.inline, [name as string]: document as string };
  const characters = Object.values(inline).reduce((sum, text) => sum + text.replaceAll(/\s/g, '').length, 0);
  if (characters > INLINE_CHARACTERS_MAX) {
    throw limitExceeded(`Maximum policy size of ${INLINE_CHARACTERS_MAX} bytes exceeded for role ${role.name}`);
  }
  registry.putRole({ ...role, inline });
};

/** Document of an inline policy. */
export const inlinePolicy = (role: StoredRole, name: string | undefined): string => {
  new Constraints().required('policyName', name).check('ValidationError');
  const document = memberOf(role.inline, name as string);
  if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  return document;
};

export const deleteInlinePolicy = (registry: Registry, role: StoredRole, name: string | undefined): void => {
  inlinePolicy(role, name);
  const { [name as string]: _deleted, ...inline } = role.inline;
  registry.putRole({ ...role, inline });
};

/** Attaching what is attached already changes nothing. */
export const attachPolicy = (registry: Registry, role: StoredRole, policyArn: string | undefined): void => {
  checkPolicyArn(policyArn);
  const arn = policyArn as string;
  const isKnown = isAwsManaged(arn) || registry.findPolicy(arn)?.account === role.account;
  if (!isKnown) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  if (role.attached.includes(arn)) return;
  if (role.attached.length >= ATTACHED_POLICIES_MAX) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${ATTACHED_POLICIES_MAX}`);
  }
  registry.putRole({ ...role, attached: [...role.attached, arn] });
};

export const detachPolicy = (registry: Registry, role: StoredRole, policyArn: string | undefined): void => {
  checkPolicyArn(policyArn);
  if (!role.attached.includes(policyArn as string)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
  registry.putRole({ ...role, attached: role.attached.filter((attached) => attached !== policyArn) });
};
