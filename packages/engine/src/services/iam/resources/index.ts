import type { AnyResourceType } from '../../../core/index.ts';
import { iamAccessKey } from './access-key.ts';
import { iamGroup } from './group.ts';
import { iamGroupPolicy, iamRolePolicy, iamUserPolicy } from './inline-policy.ts';
import { iamManagedPolicy } from './managed-policy.ts';
import { iamPolicy } from './policy.ts';
import { iamRole } from './role.ts';
import { iamServiceLinkedRole } from './service-linked-role.ts';
import { iamUser } from './user.ts';
import { iamUserToGroupAddition } from './user-to-group-addition.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  iamAccessKey,
  iamGroup,
  iamGroupPolicy,
  iamManagedPolicy,
  iamPolicy,
  iamRole,
  iamRolePolicy,
  iamServiceLinkedRole,
  iamUser,
  iamUserPolicy,
  iamUserToGroupAddition,
];
