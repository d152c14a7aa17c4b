import { ServiceError } from '../../core/index.ts';

export const validation = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

export const notFound = (message: string): ServiceError => new ServiceError('NotFoundException', message, 400);

export const disabled = (keyArn: string): ServiceError =>
  new ServiceError('DisabledException', `${keyArn} is disabled.`, 400);

export const pendingDeletion = (keyArn: string): ServiceError =>
  new ServiceError('KMSInvalidStateException', `${keyArn} is pending deletion.`, 400);

export const accessDenied = (message: string): ServiceError => new ServiceError('AccessDeniedException', message, 400);

/** KMS says nothing more about a ciphertext that is not its own, or of another encryption context. */
export const invalidCiphertext = (): ServiceError => new ServiceError('InvalidCiphertextException', '', 400);

export const incorrectKey = (): ServiceError =>
  new ServiceError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
    400,
  );

/** What Decrypt says of a key that is gone, of another region, or not for this caller. */
export const unknownKeyOfCiphertext = (): ServiceError =>
  accessDenied(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );

export const malformedPolicy = (message: string): ServiceError =>
  new ServiceError('MalformedPolicyDocumentException', message, 400);

export const tagError = (message: string): ServiceError => new ServiceError('TagException', message, 400);

export const invalidMarker = (): ServiceError =>
  new ServiceError('InvalidMarkerException', 'Could not deserialize marker', 400);

export const dryRunSucceeded = (): ServiceError =>
  new ServiceError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', 412);
