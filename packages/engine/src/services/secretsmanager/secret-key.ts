import { type RequestContext, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import type { StoredSecret } from './stored.ts';

const AWS_MANAGED_KEY = 'alias/aws/secretsmanager';

/**
 * A secret's value needs its key to be written and read.
 *
 * @throws ServiceError AccessDeniedException, EncryptionFailure, DecryptionFailure
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export const checkKey = (
  { keys }: ServiceEnvironment,
  { arn, region, kmsKeyId }: Pick<StoredSecret, 'arn' | 'region' | 'kmsKeyId'>,
  use: 'write' | 'read',
  { account, callerArn }: RequestContext,
): void => {
  const refusal = keys.refusalOf({
    account,
    region,
    keyId: kmsKeyId ?? AWS_MANAGED_KEY,
    actions: use === 'write' ? ['kms:GenerateDataKey', 'kms:Decrypt'] : ['kms:Decrypt'],
    via: 'secretsmanager',
    callerArn,
    encryptionContext: { SecretARN: arn },
  });
  if (refusal === undefined) return;
  if (refusal.code === 'AccessDeniedException') {
    throw new ServiceError('AccessDeniedException', 'Access to KMS is not allowed', 400);
  }
  const [code, verb] = use === 'write' ? ['EncryptionFailure', 'encrypt'] : ['DecryptionFailure', 'decrypt'];
  throw new ServiceError(
    code,
    `Secrets Manager can't ${verb} the protected secret text using the provided KMS key. ${refusal.message}`,
    400,
  );
};
