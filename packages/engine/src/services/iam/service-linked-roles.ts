import type * as Sdk from '@aws-sdk/client-iam';
import type { CreateServiceLinkedRoleCommandInput } from '@aws-sdk/client-iam';
import { awsPolicyArn } from '@holdfast/aws-model';
import { memberOf } from '@holdfast/kernel';
import {
  type Collection,
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
} from '../../core/index.ts';
import { invalidInput, noSuchEntity } from './errors.ts';
import { LINKED_SERVICES } from './linked-services.ts';
import { isLinked, LINKED_PATH } from './protected-roles.ts';
import type { NewId, Registry } from './registry.ts';
import { describeNewRole } from './roles.ts';
import type { StoredRole } from './stored.ts';

/** A deletion that was asked for, by its id. */
interface StoredDeletion {
  readonly account: string;
}

/** Roles that services make for themselves: their trust and their policies are AWS's. */
export const linkedRoleOperations = (
  registry: Registry,
  newId: NewId,
  newUuid: () => string,
  stored: Collection<StoredDeletion>,
): Operations<typeof Sdk> => {
  const deletions = new Map(stored.entries());
  return {
    CreateServiceLinkedRole: operation(['AWSServiceName', 'Description', 'CustomSuffix'], (input, context) => {
      const role = linkedRole(registry, input, context, newId('AROA'));
      registry.roles.put(role);
      return { Role: describeNewRole(role) };
    }),
    DeleteServiceLinkedRole: operation(['RoleName'], (input, context) => {
      const role = registry.roles.get(context, input.RoleName);
      if (!isLinked(role)) {
        throw noSuchEntity(`The service-linked role with name ${role.name} cannot be found.`);
      }
      // Nothing here keeps hold of such a role, so its service lets it go at once.
      registry.roles.delete(role);
      const DeletionTaskId = `task${role.path}${role.name}/${newUuid()}`;
      deletions.set(DeletionTaskId, { account: context.account });
      stored.put(DeletionTaskId, { account: context.account });
      return { DeletionTaskId };
    }),
    GetServiceLinkedRoleDeletionStatus: operation(['DeletionTaskId'], ({ DeletionTaskId }, { account }) => {
      new Constraints()
        .required('deletionTaskId', DeletionTaskId)
        .length('deletionTaskId', DeletionTaskId, 1, 1000)
        .check('ValidationError');
      if (deletions.get(DeletionTaskId as string)?.account !== account) {
        throw noSuchEntity(`Deletion task ${DeletionTaskId} cannot be found.`);
      }
      return { Status: 'SUCCEEDED' };
    }),
  };
};

const linkedRole = (
  registry: Registry,
  { AWSServiceName, Description, CustomSuffix }: CreateServiceLinkedRoleCommandInput,
  { account, now }: RequestContext,
  id: string,
): StoredRole => {
  new Constraints()
    .required('aWSServiceName', AWSServiceName)
    .length('aWSServiceName', AWSServiceName, 1, 128)
    .pattern('aWSServiceName', AWSServiceName, /^[\w+=,.@-]+$/, '[\\w+=,.@-]+')
    .length('description', Description, 0, 1000)
    .length('customSuffix', CustomSuffix, 1, 64)
    .pattern('customSuffix', CustomSuffix, /^[\w+=,.@-]*$/, '[\\w+=,.@-]+')
    .check('ValidationError');
  const service = AWSServiceName as string;
  const linked = memberOf(LINKED_SERVICES, service);
  if (linked === undefined) throw notSupported(`the service-linked role of ${service}`);
  if (CustomSuffix !== undefined && linked.takesSuffix !== true) {
    throw invalidInput(`Custom suffix is not allowed for ${service}`);
  }
  const name = `AWSServiceRoleFor${linked.role}${CustomSuffix === undefined ? '' : `_${CustomSuffix}`}`;
  if (registry.roles.find(account, name) !== undefined) {
    throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`);
  }
  const path = `${LINKED_PATH}${service}/`;
  const trust = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return {
    account,
    name,
    path,
    id,
    arn: registry.roles.arnOf(account, path, name),
    createdAt: now,
    trustPolicy: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    description: Description,
    maxSessionSeconds: 3_600,
    tags: [],
    inline: {},
    attached: [awsPolicyArn(LINKED_PATH, linked.policy)],
  };
};
