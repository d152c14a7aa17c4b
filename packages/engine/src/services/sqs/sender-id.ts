import type { EpochMs } from '@holdfast/kernel';
import { type PrincipalIds, principalIdOf, type RequestContext, type Sender, standInId } from '../../core/index.ts';

/** What `SenderId` says: the account for its root, and for users and roles the id that IAM gave them. */
export const senderIdOf = ({ account, callerArn }: RequestContext, ids: PrincipalIds): string =>
  (callerArn === undefined ? undefined : principalIdOf(ids, callerArn)) ?? account;

/**
 * The `SenderId` of a delivery by an execution role: the role's, in a session of Lambda's. AWS's sessions carry a number
 * and a time and are another one for each delivery; so are these.
 */
const roleSenderIdOf = (roleArn: string, now: EpochMs, ids: PrincipalIds): string => {
  const time = new Date(now).toISOString().replace(/\D/g, '');
  return `${principalIdOf(ids, roleArn) ?? standInId('AROA', roleArn, ids.digest)}:awslambda_1_${time}`;
};

/** The `SenderId` of what another service delivers to a queue; AWS's services are users whose ids are their own affair. */
export const deliverySenderId = (account: string, sender: Sender, now: EpochMs, ids: PrincipalIds): string => {
  if (sender.principal !== undefined) return standInId('AIDA', sender.principal, ids.digest);
  return sender.roleArn === undefined ? account : roleSenderIdOf(sender.roleArn, now, ids);
};
