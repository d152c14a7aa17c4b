import { type RequestContext, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import type { StoredVersion } from './parameter-store.ts';

/**
 * A SecureString needs its key to be written, and to be read with decryption. Nothing is asked for other types.
 *
 * @throws ServiceError InvalidKeyId, AccessDeniedException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export const checkKey = (
  { keys }: ServiceEnvironment,
  { arn, type, keyId }: Pick<StoredVersion, 'arn' | 'type' | 'keyId'>,
  action: 'kms:Encrypt' | 'kms:Decrypt',
  { account, region, callerArn }: RequestContext,
): void => {
  if (type !== 'SecureString' || keyId === undefined) return;
  const refusal = keys.refusalOf({
    account,
    region,
    keyId,
    actions: [action],
    via: 'ssm',
    callerArn,
    encryptionContext: { PARAMETER_ARN: arn },
  });
  if (refusal === undefined) return;
  const text = `${refusal.message} (Service: AWSKMS; Status Code: 400; Error Code: ${refusal.code})`;
  throw new ServiceError(refusal.code === 'AccessDeniedException' ? refusal.code : 'InvalidKeyId', text, 400);
};
