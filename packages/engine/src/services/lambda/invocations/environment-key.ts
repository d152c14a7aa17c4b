import { assumedRoleArn } from '@holdfast/aws-model';
import { keyFault, type ServiceEnvironment, ServiceError } from '../../../core/index.ts';
import type { FunctionRecord, VersionRecord } from '../functions/function-record.ts';

const WHY: Readonly<Record<string, string>> = {
  AccessDenied: 'KMS access was denied',
  Disabled: 'the KMS key used is disabled',
  InvalidState: 'the state of the KMS key used is not valid for Decrypt',
  NotFound: 'the KMS key was not found',
};

/**
 * Why the variables of a version cannot be read: their key, by its policy for the execution role, or by its state.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (KMS…Exception)
 */
export const environmentKeyRefusal = (
  { keys }: ServiceEnvironment,
  { account, region, arn }: FunctionRecord,
  { kmsKeyArn, environment, role }: VersionRecord,
): ServiceError | undefined => {
  if (kmsKeyArn === undefined || environment === undefined) return undefined;
  const name = role.slice(role.lastIndexOf('/') + 1);
  const refusal = keys.refusalOf({
    account,
    region,
    keyId: kmsKeyArn,
    actions: ['kms:Decrypt'],
    via: 'lambda',
    callerArn: assumedRoleArn(account, name, arn.slice(arn.lastIndexOf(':') + 1)),
    encryptionContext: { 'aws:lambda:FunctionArn': arn },
  });
  if (refusal === undefined) return undefined;
  const fault = keyFault(refusal);
  const text = `Lambda was unable to decrypt the environment variables because ${WHY[fault]}. Please check the function's KMS key settings. KMS Exception: ${refusal.code} KMS Message: ${refusal.message}`;
  return new ServiceError(`KMS${fault}Exception`, text, 502, { Type: 'User', Message: text });
};
