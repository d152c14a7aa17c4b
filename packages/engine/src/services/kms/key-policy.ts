import { callerNames, rootArn } from '@holdfast/aws-model';
import { judgePolicy, type KeyUse, type RequestContext } from '../../core/index.ts';
import { malformedPolicy } from './errors.ts';
import type { StoredGrant, StoredKey } from './stored.ts';

/** What a key has when nobody says otherwise: the account's IAM decides. */
export const defaultPolicy = (account: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: rootArn(account) },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

/** Of a key that AWS keeps for a service: usable through it, by its account alone. No other service gets in. */
export const managedPolicy = (
  service: string,
  { account, region }: Pick<RequestContext, 'account' | 'region'>,
): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:CreateGrant',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:CallerAccount': account, 'kms:ViaService': `${service}.${region}.amazonaws.com` },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootArn(account) },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
        Resource: '*',
      },
    ],
  });

/** Who wants to do something with a key. */
export type KeyCaller = Omit<KeyUse, 'keyId' | 'actions' | 'via'> & { readonly via?: string | undefined };

/** All that a caller goes by. Policies are about roles more often than about their sessions. */
export const principalsOf = ({ account, principal, callerArn }: KeyCaller): readonly string[] => {
  if (principal !== undefined) return [principal];
  return callerNames(account, callerArn);
};

const conditionsOf = (caller: KeyCaller) => {
  const { account, region, via, principal, callerArn, sourceArn, sourceAccount, encryptionContext = {} } = caller;
  const isService = principal !== undefined;
  return {
    'aws:sourcearn': sourceArn,
    'aws:sourceaccount': sourceAccount,
    'aws:principalarn': isService ? undefined : (callerArn ?? rootArn(account)),
    'aws:principalaccount': isService ? undefined : account,
    'kms:calleraccount': isService ? undefined : account,
    'kms:viaservice': via === undefined ? undefined : `${via}.${region}.amazonaws.com`,
    'kms:encryptioncontextkeys': Object.keys(encryptionContext),
    ...Object.fromEntries(
      Object.entries(encryptionContext).map(([name, value]) => [`kms:encryptioncontext:${name.toLowerCase()}`, value]),
    ),
  };
};

const within = (part: Readonly<Record<string, string>>, whole: Readonly<Record<string, string>>): boolean =>
  Object.entries(part).every(([name, value]) => whole[name] === value);

const grantAllows = (
  grant: StoredGrant,
  principals: readonly string[],
  operation: string,
  caller: KeyCaller,
): boolean => {
  if (!principals.includes(grant.grantee) || !grant.operations.includes(operation)) return false;
  const context = caller.encryptionContext ?? {};
  const { contextEquals, contextSubset } = grant;
  if (contextSubset !== undefined && !within(contextSubset, context)) return false;
  return contextEquals === undefined || (within(contextEquals, context) && within(context, contextEquals));
};

/** Whether policy or grants of a key let somebody do something. A policy that names the account leaves it to IAM: yes. */
export const keyAllows = (
  key: StoredKey,
  grants: readonly StoredGrant[],
  action: string,
  caller: KeyCaller,
): boolean => {
  const principals = principalsOf(caller);
  const question = { principals, action, resourceArn: key.arn, conditions: conditionsOf(caller) };
  const verdict = judgePolicy(key.policy, question);
  if (verdict !== undefined) return verdict === 'allow';
  return grants.some((grant) => grantAllows(grant, principals, action.slice('kms:'.length), caller));
};

/** @throws ServiceError when the text is no policy */
export const checkKeyPolicy = (text: string): void => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformedPolicy('');
  }
  const statements = [(document as { Statement?: unknown } | null)?.Statement ?? []].flat() as unknown[];
  if (statements.length === 0) throw malformedPolicy('');
  for (const statement of statements) {
    const { Effect, Principal, Action } = (statement ?? {}) as Record<string, unknown>;
    const isWhole = (Effect === 'Allow' || Effect === 'Deny') && Principal !== undefined && Action !== undefined;
    if (!isWhole) throw malformedPolicy('');
  }
};

/** A policy must not lock out whoever sets it. */
export const checkLockout = (key: StoredKey, caller: KeyCaller, isBypassed: boolean | undefined): void => {
  if (isBypassed === true || keyAllows(key, [], 'kms:PutKeyPolicy', caller)) return;
  throw malformedPolicy('The new key policy will not allow you to update the key policy in the future.');
};
