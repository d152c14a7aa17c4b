import { parseArn } from '@holdfast/aws-model';
import type { Digest } from '@holdfast/kernel';

/** What IAM lends: who there is, and who calls by which access key. */
export interface PrincipalSource {
  /** The user whose access key it is, while the key is active. */
  keyOwner(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined;
  role(
    account: string,
    name: string,
  ): { readonly id: string; readonly arn: string; readonly maxSessionSeconds: number } | undefined;
  user(account: string, name: string): { readonly id: string; readonly arn: string } | undefined;
}

/** What STS lends: who calls by credentials that it gave out. */
export interface SessionSource {
  sessionOf(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined;
}

/** Where ids of principals come from. */
export interface PrincipalIds {
  readonly principals: PrincipalSource;
  readonly digest: Digest;
}

/** Of IAM's form, and always the same for the same text: of somebody whom IAM does not know. */
export const standInId = (prefix: 'AROA' | 'AIDA', text: string, digest: Digest): string =>
  prefix + digest.md5Hex(text).slice(0, 17).toUpperCase();

/**
 * The unique id of a role, a user or a role's session, by its ARN: `AROA…`, `AIDA…`, `AROA…:session`. Roles need not be there
 * (functions may name any), so a role that is not has an id made of its name. `undefined` for an account's root.
 */
export const principalIdOf = ({ principals, digest }: PrincipalIds, arn: string): string | undefined => {
  const { account = '', resource = '' } = parseArn(arn) ?? {};
  const [kind, ...path] = resource.split('/');
  const roleId = (name: string): string => principals.role(account, name)?.id ?? standInId('AROA', name, digest);
  if (kind === 'assumed-role') return `${roleId(path[0] ?? '')}:${path[1] ?? ''}`;
  const name = path.at(-1) ?? '';
  if (kind === 'role') return roleId(name);
  return kind === 'user' ? (principals.user(account, name)?.id ?? standInId('AIDA', arn, digest)) : undefined;
};
