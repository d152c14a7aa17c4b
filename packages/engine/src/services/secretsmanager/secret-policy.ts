import { callerNames, rootArn } from '@holdfast/aws-model';
import { isObject, judgePolicy, type RequestContext, ServiceError } from '../../core/index.ts';
import type { StoredSecret } from './stored.ts';

/**
 * Judges a secret's own policy: what it denies is denied; callers of other accounts need it to allow them.
 *
 * @throws ServiceError AccessDeniedException
 */
export const checkAccess = (secret: StoredSecret, action: string, context: RequestContext): void => {
  const isOwn = secret.account === context.account;
  if (secret.policy === undefined && isOwn) return;
  const verdict = judgePolicy(secret.policy, {
    principals: callerNames(context.account, context.callerArn),
    action: `secretsmanager:${action}`,
    resourceArn: secret.arn,
    conditions: {
      'aws:principalaccount': context.account,
      'aws:principalarn': context.callerArn ?? rootArn(context.account),
      ...Object.fromEntries(
        secret.tags.map(({ Key, Value }) => [`secretsmanager:resourcetag/${Key.toLowerCase()}`, Value]),
      ),
    },
  });
  if (verdict === 'allow' || (isOwn && verdict !== 'deny')) return;
  const who = context.callerArn ?? rootArn(context.account);
  const why =
    verdict === 'deny'
      ? 'with an explicit deny in a resource-based policy'
      : `because no resource-based policy allows the secretsmanager:${action} action`;
  throw new ServiceError(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: secretsmanager:${action} on resource: ${secret.arn} ${why}`,
    400,
  );
};

/** @throws ServiceError MalformedPolicyDocumentException */
export const checkPolicyText = (text: string): void => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  if (isObject(document) && [document['Statement']].flat().every(isObject)) return;
  throw new ServiceError('MalformedPolicyDocumentException', 'This resource policy contains invalid Json', 400);
};

/** Whether anybody at all may do something. */
export const isPublic = (text: string): boolean => {
  const { Statement } = JSON.parse(text) as { Statement: object | readonly object[] };
  return [Statement].flat().some((statement) => {
    const { Effect, Principal, Condition } = statement as Record<string, unknown>;
    const everybody = Principal === '*' || (Principal as Record<string, unknown> | undefined)?.['AWS'] === '*';
    return Effect === 'Allow' && everybody && Condition === undefined;
  });
};
