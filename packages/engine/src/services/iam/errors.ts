import { ServiceError } from '../../core/index.ts';

export const noSuchEntity = (message: string): ServiceError => new ServiceError('NoSuchEntity', message, 404);

export const alreadyExists = (message: string): ServiceError => new ServiceError('EntityAlreadyExists', message, 409);

export const deleteConflict = (message: string): ServiceError => new ServiceError('DeleteConflict', message, 409);

export const limitExceeded = (message: string): ServiceError => new ServiceError('LimitExceeded', message, 409);

export const malformedPolicy = (message: string): ServiceError =>
  new ServiceError('MalformedPolicyDocument', message, 400);
