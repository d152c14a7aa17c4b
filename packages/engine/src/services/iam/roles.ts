import type { CreateRoleCommandInput, Role, UpdateRoleCommandInput } from '@aws-sdk/client-iam';
import { Constraints, type RequestContext } from '../../core/index.ts';
import { invalidInput } from './errors.ts';
import { checkBoundary, checkNaming, describeBoundary } from './naming.ts';
import { checkTrustPolicy, encodeDocument } from './policy-document.ts';
import { checkNoPolicies } from './policy-holders.ts';
import { checkChangeable, LINKED_PATH } from './protected-roles.ts';
import type { Registry } from './registry.ts';
import type { StoredRole } from './stored.ts';
import { mergedTags } from './tags.ts';

const SESSION_SECONDS_DEFAULT = 3600;

/** What its creation answers. */
export const describeNewRole = (role: StoredRole): Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
  ...(role.description === undefined ? {} : { Description: role.description }),
  ...describeBoundary(role.permissionsBoundary),
  ...(role.tags.length === 0 ? {} : { Tags: [...role.tags] }),
});

export const describeRole = (role: StoredRole): Role => ({
  ...describeNewRole(role),
  MaxSessionDuration: role.maxSessionSeconds,
  // When and where it was used last is not followed; AWS gives this of a role that nobody has used.
  RoleLastUsed: {},
});

/** Lists leave out what GetRole adds. */
export const describeListedRole = (role: StoredRole): Role => {
  const { Tags: _tags, PermissionsBoundary: _boundary, RoleLastUsed: _used, ...listed } = describeRole(role);
  return listed;
};

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
  const path = input.Path ?? '/';
  if (path.startsWith(LINKED_PATH)) {
    throw invalidInput(`Path prefix '${LINKED_PATH}' can only be used for AWS Service linked Roles`);
  }
  const trustPolicy = input.AssumeRolePolicyDocument as string;
  checkTrustPolicy(trustPolicy);
  if (input.PermissionsBoundary !== undefined) checkBoundary(registry, account, input.PermissionsBoundary);
  registry.roles.checkFree(account, name);
  const role: StoredRole = {
    account,
    name,
    path,
    id,
    arn: registry.roles.arnOf(account, path, name),
    createdAt: now,
    trustPolicy,
    description: input.Description,
    maxSessionSeconds: input.MaxSessionDuration ?? SESSION_SECONDS_DEFAULT,
    permissionsBoundary: input.PermissionsBoundary,
    tags: mergedTags([], input.Tags),
    inline: {},
    attached: [],
  };
  registry.roles.put(role);
  return role;
};

export const deleteRole = (registry: Registry, role: StoredRole): void => {
  checkChangeable(role);
  checkNoPolicies(role);
  registry.roles.delete(role);
};

export const updateRole = (registry: Registry, role: StoredRole, input: UpdateRoleCommandInput): void => {
  checkSession(new Constraints(), input.MaxSessionDuration)
    .length('description', input.Description, 0, 1000)
    .check('ValidationError');
  // The description is all of a role linked to a service that its account may change.
  if (input.MaxSessionDuration !== undefined) checkChangeable(role);
  registry.roles.put({
    ...role,
    description: input.Description ?? role.description,
    maxSessionSeconds: input.MaxSessionDuration ?? role.maxSessionSeconds,
  });
};

export const updateTrustPolicy = (registry: Registry, role: StoredRole, document: string | undefined): void => {
  new Constraints().required('policyDocument', document).check('ValidationError');
  checkChangeable(role);
  checkTrustPolicy(document as string);
  registry.roles.put({ ...role, trustPolicy: document as string });
};
