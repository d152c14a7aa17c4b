import type { Digest, EpochMs } from '@holdfast/kernel';
import type { RequestContext, Sender } from '../../core/index.ts';

const uniqueId = (prefix: string, text: string, digest: Digest): string =>
  prefix + digest.md5Hex(text).slice(0, 17).toUpperCase();

/**
 * What `SenderId` says: the account for its root, and for users and roles an id of IAM's form that stays the same for
 * the same user or role.
 *
 * Differs: the ids are made from the ARN; AWS's are random and stay with the entity.
 */
export const senderIdOf = (context: RequestContext, digest: Digest): string => {
  const caller = context.callerArn;
  if (caller === undefined) return context.account;
  const [kind, name, session] = caller.slice(caller.lastIndexOf(':') + 1).split('/');
  if (kind === 'assumed-role') return `${uniqueId('AROA', name ?? caller, digest)}:${session ?? ''}`;
  return kind === 'user' ? uniqueId('AIDA', caller, digest) : context.account;
};

/**
 * The `SenderId` of a delivery by an execution role: the role's, in a session of Lambda's. AWS's sessions carry a number
 * and a time and are another one for each delivery; so are these.
 */
const roleSenderIdOf = (roleArn: string, now: EpochMs, digest: Digest): string => {
  const time = new Date(now).toISOString().replace(/\D/g, '');
  return `${uniqueId('AROA', roleArn.split('/').at(-1) ?? roleArn, digest)}:awslambda_1_${time}`;
};

/** The `SenderId` of what another service delivers to a queue. */
export const deliverySenderId = (account: string, sender: Sender, now: EpochMs, digest: Digest): string => {
  if (sender.principal !== undefined) return uniqueId('AIDA', sender.principal, digest);
  return sender.roleArn === undefined ? account : roleSenderIdOf(sender.roleArn, now, digest);
};
