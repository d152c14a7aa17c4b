import type { Digest } from '@holdfast/kernel';
import type { RequestContext } from '../../core/index.ts';

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

/** The `SenderId` of an AWS service that delivers to a queue. */
export const serviceSenderIdOf = (principal: string, digest: Digest): string => uniqueId('AIDA', principal, digest);
