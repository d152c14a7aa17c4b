import type { AccessKeyMetadata, CreateUserCommandInput, UpdateUserCommandInput, User } from '@aws-sdk/client-iam';
import { parseArn } from '@holdfast/aws-model';
import { Constraints, type RequestContext, ServiceError } from '../../core/index.ts';
import { deleteConflict, limitExceeded, noSuchEntity } from './errors.ts';
import { checkBoundary, checkNaming, describeBoundary } from './naming.ts';
import { checkNoPolicies } from './policy-holders.ts';
import type { Registry } from './registry.ts';
import type { StoredAccessKey, StoredUser } from './stored.ts';
import { mergedTags } from './tags.ts';

const NAME_LENGTH_MAX = 64;
const KEYS_MAX = 2;

export const describeUser = (user: StoredUser): User => ({
  ...describeListedUser(user),
  ...describeBoundary(user.permissionsBoundary),
  ...(user.tags.length === 0 ? {} : { Tags: [...user.tags] }),
});

/** Lists leave out what GetUser adds. */
export const describeListedUser = (user: StoredUser): User => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: user.arn,
  CreateDate: new Date(user.createdAt),
});

export const createUser = (
  registry: Registry,
  input: CreateUserCommandInput,
  { account, now }: RequestContext,
  id: string,
): StoredUser => {
  checkNaming(new Constraints(), 'userName', input.UserName, input.Path, NAME_LENGTH_MAX).check('ValidationError');
  const name = input.UserName as string;
  const path = input.Path ?? '/';
  if (input.PermissionsBoundary !== undefined) checkBoundary(registry, account, input.PermissionsBoundary);
  registry.users.checkFree(account, name);
  const user: StoredUser = {
    account,
    name,
    path,
    id,
    arn: registry.users.arnOf(account, path, name),
    createdAt: now,
    permissionsBoundary: input.PermissionsBoundary,
    tags: mergedTags([], input.Tags),
    inline: {},
    attached: [],
    keys: [],
    groups: [],
  };
  registry.users.put(user);
  return user;
};

/** Another name, another path: the id stays, the ARN does not. */
export const updateUser = (registry: Registry, user: StoredUser, input: UpdateUserCommandInput): void => {
  const name = input.NewUserName ?? user.name;
  const path = input.NewPath ?? user.path;
  checkNaming(new Constraints(), 'newUserName', name, path, NAME_LENGTH_MAX, 'newPath').check('ValidationError');
  if (name.toLowerCase() !== user.name.toLowerCase()) registry.users.checkFree(user.account, name);
  registry.users.delete(user);
  registry.users.put({ ...user, name, path, arn: registry.users.arnOf(user.account, path, name) });
};

export const deleteUser = (registry: Registry, user: StoredUser): void => {
  checkNoPolicies(user);
  if (user.keys.length > 0) throw deleteConflict('Cannot delete entity, must delete access keys first.');
  if (user.groups.length > 0) throw deleteConflict('Cannot delete entity, must remove users from group first.');
  registry.users.delete(user);
};

const NAME_IN_ARN = /^user\/(?:.*\/)?([^/]+)$/;

/** Whom a call is about that may leave it open: then the user who calls. */
export const userOrCaller = (registry: Registry, context: RequestContext, name: string | undefined): StoredUser => {
  if (name !== undefined && name !== '') return registry.users.get(context, name);
  const [, caller] = NAME_IN_ARN.exec(parseArn(context.callerArn ?? '')?.resource ?? '') ?? [];
  if (caller !== undefined) return registry.users.get(context, caller);
  throw new ServiceError('ValidationError', 'Must specify userName when calling with non-User credentials', 400);
};

export const addKey = (registry: Registry, user: StoredUser, id: string, now: number): StoredAccessKey => {
  if (user.keys.length >= KEYS_MAX) throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${KEYS_MAX}`);
  const key: StoredAccessKey = { id, isActive: true, createdAt: now };
  registry.users.put({ ...user, keys: [...user.keys, key] });
  return key;
};

/** Changes a key of a user, or takes it away. */
export const changeKey = (
  registry: Registry,
  user: StoredUser,
  keyId: string | undefined,
  change: (key: StoredAccessKey) => StoredAccessKey | undefined,
): void => {
  checkKeyId(new Constraints(), keyId).check('ValidationError');
  if (!user.keys.some(({ id }) => id === keyId)) throw noSuchKey(keyId);
  registry.users.put({ ...user, keys: user.keys.flatMap((key) => (key.id === keyId ? (change(key) ?? []) : key)) });
};

export const checkKeyId = (constraints: Constraints, keyId: string | undefined): Constraints =>
  constraints
    .required('accessKeyId', keyId)
    .length('accessKeyId', keyId, 16, 128)
    .pattern('accessKeyId', keyId, /^\w+$/, '[\\w]+');

export const noSuchKey = (keyId: string | undefined): ServiceError =>
  noSuchEntity(`The Access Key with id ${keyId} cannot be found.`);

export const describeKey = (user: StoredUser, key: StoredAccessKey): AccessKeyMetadata => ({
  UserName: user.name,
  AccessKeyId: key.id,
  Status: key.isActive ? 'Active' : 'Inactive',
  CreateDate: new Date(key.createdAt),
});
