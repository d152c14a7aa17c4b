import { ServiceError } from '../../core/index.ts';

export const noSuchEntity = (message: string): ServiceError => new ServiceError('NoSuchEntity', message, 404);

export const alreadyExists = (message: string): ServiceError => new ServiceError('EntityAlreadyExists', message, 409);

export const deleteConflict = (message: string): ServiceError => new ServiceError('DeleteConflict', message, 409);

export const limitExceeded = (message: string): ServiceError => new ServiceError('LimitExceeded', message, 409);

export const malformedPolicy = (message: string): ServiceError =>
  new ServiceError('MalformedPolicyDocument', message, 400);

export const invalidInput = (message: string): ServiceError => new ServiceError('InvalidInput', message, 400);

/** Roles that are linked to a service belong to AWS. */
export const unmodifiable = (roleName: string): ServiceError =>
  new ServiceError(
    'UnmodifiableEntity',
    `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
    400,
  );
