import { ServiceError } from '../../core/index.ts';

export const invalidArgument = (message: string): ServiceError =>
  new ServiceError('InvalidArgumentException', message, 400);

export const notFound = (message: string): ServiceError => new ServiceError('ResourceNotFoundException', message, 400);

export const inUse = (message: string): ServiceError => new ServiceError('ResourceInUseException', message, 400);

export const limitExceeded = (message: string): ServiceError =>
  new ServiceError('LimitExceededException', message, 400);

export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);
