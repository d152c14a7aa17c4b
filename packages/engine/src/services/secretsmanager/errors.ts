import { ServiceError } from '../../core/index.ts';

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError('InvalidParameterException', message, 400);

export const invalidRequest = (message: string): ServiceError =>
  new ServiceError('InvalidRequestException', message, 400);

export const secretNotFound = (): ServiceError =>
  new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.", 400);

/** `what` is `staging label: AWSPREVIOUS` or `VersionId: …`. */
export const valueNotFound = (what: string): ServiceError =>
  new ServiceError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${what}`,
    400,
  );

export const markedForDeletion = (): ServiceError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

export const invalidToken = (): ServiceError =>
  new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.', 400);
