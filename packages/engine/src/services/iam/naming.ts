import { Constraints } from '../../core/index.ts';
import { noSuchEntity } from './errors.ts';
import { checkPolicyArn, type Registry } from './registry.ts';

const NAME = /^[\w+=,.@-]*$/;
const PATH = /^(?:\/|\/[\u0021-\u007e]+\/)$/;

/** Checks what paths and names of roles, users, groups and policies may look like. */
export const checkNaming = (
  constraints: Constraints,
  member: string,
  name: string | undefined,
  path: string | undefined,
  lengthMax: number,
  pathMember = 'path',
): Constraints =>
  constraints
    .required(member, name)
    .length(member, name, 1, lengthMax)
    .pattern(member, name, NAME, '[\\w+=,.@-]+')
    .length(pathMember, path, 1, 512)
    .pattern(pathMember, path, PATH, '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)');

/** Checks that a policy may bound what somebody of an account is allowed. */
export const checkBoundary = (registry: Registry, account: string, policyArn: string | undefined): void => {
  new Constraints().required('permissionsBoundary', policyArn).check('ValidationError');
  checkPolicyArn(policyArn);
  if (registry.isAttachable(account, policyArn as string)) return;
  throw noSuchEntity(`Scope ARN: ${policyArn} does not exist or is not attachable.`);
};

/** As answers tell of it. */
export const describeBoundary = (policyArn: string | undefined) =>
  policyArn === undefined
    ? {}
    : {
        PermissionsBoundary: {
          // The SDK's word is not what AWS writes.
          PermissionsBoundaryType: 'Policy' as 'PermissionsBoundaryPolicy',
          PermissionsBoundaryArn: policyArn,
        },
      };
